import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built command. */
export const MAIN = resolve(__dirname, '../dist/main.js');

/** One run of the built command. */
export class ChildServer {
  readonly child: ChildProcess;
  /** Resolves with the first message over IPC, or `undefined` when the process ended without any. */
  readonly message: Promise<Record<string, unknown> | undefined>;
  /** Resolves with exit code or signal once the process and its output have ended. */
  readonly ended: Promise<number | string | null>;
  #stdout = '';
  #stderr = '';

  constructor(argv: readonly string[], env: Record<string, string> = {}, cwd?: string) {
    // Without inherited settings, so that the machine's own environment plays no part.
    this.child = fork(MAIN, [...argv], {
      env: { PATH: process.env['PATH'], ...env },
      cwd,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.#stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    // Not the event close: Node never emits it after disconnect().
    const { stdout, stderr } = this.child;
    const flushed = [stdout, stderr].map((stream) => new Promise((settle) => stream?.once('close', settle)));
    const exited = new Promise<number | string | null>((settle) => {
      this.child.once('exit', (code, signal) => settle(code ?? signal));
    });
    this.ended = Promise.all([exited, ...flushed]).then(([code]) => code);
    this.message = new Promise((settle) => {
      this.child.once('message', (message) => settle(message as Record<string, unknown>));
      void this.ended.then(() => settle(undefined));
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until the port is open; fails with the log when the process ended instead. */
  async url(): Promise<string> {
    const message = await this.message;
    if (message?.['type'] !== 'azureml-ts:listening') {
      throw new Error(`The server did not start: ${JSON.stringify(message)}\n${this.#stderr}`);
    }
    return message['url'] as string;
  }

  /** Waits for a text in the log. */
  async logged(text: string): Promise<void> {
    while (!this.#stderr.includes(text)) {
      await new Promise((settle) => this.child.stderr?.once('data', settle));
    }
  }

  /** Waits until a text stands in the log so many times. */
  async loggedTimes(text: string, times: number): Promise<void> {
    while (this.#stderr.split(text).length <= times) {
      await new Promise((settle) => this.child.stderr?.once('data', settle));
    }
  }

  post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${url}/score`, { method: 'POST', body, headers });
  }

  /** Ends the process whatever its state. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** A folder of scoring scripts which goes away after the test. */
export async function scripts(
  files: Record<string, string>,
): Promise<{ path(name: string): string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'inference-server-'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text);
  }
  return {
    path: (name) => join(directory, name),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
