import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { AzuremlError, sleep, type WaitOptions, waitAtMost } from '@azureml-ts/common';

const LISTENS = /successfully listens on (http:\/\/\S+)/;
const KILL_AFTER_MS = 5000;
const KEPT_OUTPUT = 4000;

/** Runs in azurite before azurite: its standard input closes when we are gone, however we went. */
const END_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume().unref();",
)}`;

/** The process of one azurite. @internal */
export class AzuriteProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gone: Promise<void>;
  readonly #killOnExit = () => void this.#child.kill('SIGKILL');
  #output = '';

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', END_WITH_PARENT, program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own: Ctrl-C reaches every process of the terminal's group, and would end the store before those
      // who still have rows for it.
      detached: true,
    });
    process.on('exit', this.#killOnExit);
    this.#gone = new Promise((resolve) => {
      // 'error' without 'exit': it could not even be started.
      const done = () => {
        process.off('exit', this.#killOnExit);
        resolve();
      };
      this.#child.once('close', done).once('error', done);
    });
    this.#child.stdin.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      // Read to the end of its life, or a full pipe would stop it.
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
      });
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Waits for the server to listen and gives its URL; ends the process when that fails. */
  async listening(options: WaitOptions): Promise<string> {
    const url = new Promise<string>((resolve, reject) => {
      this.#child.stdout.on('data', () => {
        const found = LISTENS.exec(this.#output)?.[1];
        if (found !== undefined) {
          resolve(found);
        }
      });
      this.#child.once('error', (error) => reject(this.#startFailed(`could not be started: ${error.message}`, error)));
      this.#child.once('close', (code, signal) => {
        const text = this.#output.trim() || 'nothing';
        reject(this.#startFailed(`ended with ${signal ?? `code ${code}`} before it listened. It wrote: ${text}`));
      });
    });
    try {
      return await waitAtMost(url, 'The start of azurite', options);
    } catch (error) {
      url.catch(() => undefined);
      await this.close();
      throw error;
    }
  }

  #startFailed(what: string, cause?: Error): AzuremlError {
    return new AzuremlError('AZURITE_START_FAILED', `azurite ${what}`, { cause });
  }

  /** Asks the process to end, and ends it when it does not; resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    const finished = new AbortController();
    const kill = sleep(KILL_AFTER_MS, { abortSignal: finished.signal, keepAlive: true }).then(
      () => void this.#child.kill('SIGKILL'),
      () => undefined,
    );
    await this.#gone;
    finished.abort();
    await kill;
  }
}
