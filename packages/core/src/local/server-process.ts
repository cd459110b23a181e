import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { createLogger, errorMessage, sleep } from '@azureml-ts/common';
import { endWithThisProcess } from './running-services.ts';

const HOST = '127.0.0.1';
const PROBE_INTERVAL_MS = 50;
const PROBE_TIMEOUT_MS = 5_000;
/** How long messages may still be on their way when the process has ended. */
const LAST_MESSAGES_MS = 500;
const log = createLogger('core');

/** What a server process is started with. */
export interface ServerStart {
  /** File of the command, run by this Node. */
  readonly command: string;
  readonly entryScript: string;
  /** Port to listen on, 0 for any. */
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
}

/** How a server process ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the server said before it ended, or why it could not be started. */
  readonly failure?: { readonly code: string; readonly message: string } | undefined;
}

/** How long a stop takes at most, in milliseconds. */
export interface StopLimits {
  /** For requests of this process that are in flight; then they are cut off. */
  readonly requestsMs: number;
  /** From SIGTERM on, for the server to let go in good order; then it is killed. */
  readonly serverMs: number;
}

/** Why a request was cut off. */
export interface StopReason {
  /** The call that stops the process. */
  readonly by: 'update()' | 'reload()' | 'delete()';
  /** How long it waited for the request, in milliseconds. */
  readonly waitedMs: number;
}

/** What Node is started with. */
export function serverArguments({
  command,
  entryScript,
  port,
}: Omit<ServerStart, 'env' | 'cwd' | 'logFile'>): string[] {
  return [command, '--entry-script', entryScript, '--port', String(port), '--host', HOST];
}

type ServerMessage = { type?: unknown; port?: unknown; code?: unknown; message?: unknown } | null;

/** One run of the inference server as a child process. */
export class ServerProcess {
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Connections to this run; none of them outlives it. */
  readonly agent = new Agent({ keepAlive: true });
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #listening = Promise.withResolvers<number>();
  #exit: ServerExit | undefined;
  #port: number | undefined;
  #isStopping = false;
  /** What cuts off each request that is in flight. */
  readonly #inFlight = new Set<(reason: StopReason) => void>();
  #idle: PromiseWithResolvers<void> | undefined;

  /** @param start What to run. Returns at once; a failure shows in {@link exited}. */
  constructor(start: ServerStart) {
    this.#logFile = start.logFile;
    const fd = openSync(start.logFile, 'a', 0o600);
    try {
      this.#child = spawn(process.execPath, serverArguments(start), {
        cwd: start.cwd,
        env: start.env,
        stdio: ['ignore', fd, fd, 'ipc'],
        windowsHide: true,
      });
    } finally {
      closeSync(fd);
    }
    endWithThisProcess(this.#child);
    this.exited = this.#watch(this.#child);
    // A script that forgot delete() shall still end, and take the service with it.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Id of the process; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Port that it listens on, once known. */
  get port(): number | undefined {
    return this.#port;
  }

  /** How it ended, once it has. */
  get exit(): ServerExit | undefined {
    return this.#exit;
  }

  /** Whether it was asked to end. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Waits until the server answers on `GET /`.
   *
   * @param onListening Told the port as soon as it is open.
   * @returns How the process ended, if it did so first; `undefined` when it is healthy.
   */
  async healthy(onListening: (port: number) => void): Promise<ServerExit | undefined> {
    const first = await Promise.race([this.#listening.promise, this.exited]);
    if (typeof first !== 'number') {
      return first;
    }
    onListening(first);
    while (this.#exit === undefined) {
      if (await this.#probe(first)) {
        return undefined;
      }
      await Promise.race([this.exited, sleep(PROBE_INTERVAL_MS)]);
    }
    return this.#exit;
  }

  /**
   * Counts a request that is sent now.
   *
   * @param cut Called when the request has to be cut off; must be another function for each request.
   * @returns What to call when the request is done.
   */
  beginRequest(cut: (reason: StopReason) => void): () => void {
    this.#inFlight.add(cut);
    return () => {
      this.#inFlight.delete(cut);
      if (this.#inFlight.size === 0) {
        this.#idle?.resolve();
        this.#idle = undefined;
      }
    };
  }

  /**
   * Ends the process in good order: lets this process's requests finish, cuts off what takes too long, so that the
   * server need not wait for it, then SIGTERM, on which the server lets the requests of others finish and flushes. Past
   * its time SIGKILL, with a warning.
   *
   * @param by The call that stops it, for the requests that are cut off.
   * @param limits How long each part may take.
   */
  async stop(by: StopReason['by'], { requestsMs, serverMs }: StopLimits): Promise<void> {
    this.#isStopping = true;
    const stopped = new AbortController();
    const within = (delayMs: number) =>
      sleep(delayMs, { abortSignal: stopped.signal, keepAlive: true }).catch(() => undefined);
    if (this.#inFlight.size > 0) {
      this.#idle ??= Promise.withResolvers();
      await Promise.race([this.#idle.promise, this.exited, within(requestsMs)]);
    }
    if (this.#exit === undefined) {
      for (const cut of [...this.#inFlight]) {
        cut({ by, waitedMs: requestsMs });
      }
      this.#terminate();
      const first = await Promise.race([this.exited, within(serverMs)]);
      if (first === undefined) {
        await this.#kill(serverMs);
      }
    }
    stopped.abort();
    this.agent.destroy();
  }

  #terminate(): void {
    if (process.platform === 'win32' && this.#child.connected) {
      // Windows has no SIGTERM that a process could answer; the server also closes in good order without its channel.
      this.#child.disconnect();
    } else {
      this.#child.kill('SIGTERM');
    }
  }

  async #kill(serverMs: number): Promise<void> {
    const warning = `The service's process ${this.pid} did not end within ${serverMs} ms of being asked; it was killed. Rows and traces that it had not sent may be lost.`;
    log.warning(warning);
    await appendFile(this.#logFile, `${warning}\n`).catch(() => undefined);
    this.#child.kill('SIGKILL');
    this.#child.ref();
    await this.exited;
  }

  async #watch(child: ChildProcess): Promise<ServerExit> {
    let failure: ServerExit['failure'];
    child.on('message', (message: ServerMessage) => {
      if (message?.type === 'azureml-ts:listening' && typeof message.port === 'number') {
        this.#port = message.port;
        this.#listening.resolve(message.port);
      } else if (message?.type === 'azureml-ts:failed') {
        failure = { code: String(message.code), message: String(message.message) };
      }
    });
    const ended = await new Promise<Omit<ServerExit, 'failure'>>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.on('error', (error) => {
        // The same event also tells of signals and messages that could not be sent; those ends are seen by `exit`.
        if (child.pid === undefined) {
          failure = { code: 'PROCESS_NOT_STARTED', message: `Node could not be started: ${errorMessage(error)}` };
          resolve({ code: null, signal: null });
        }
      });
    });
    if (child.connected) {
      const received = new AbortController();
      const late = sleep(LAST_MESSAGES_MS, { abortSignal: received.signal, keepAlive: true }).catch(() => undefined);
      await Promise.race([once(child, 'disconnect'), late]);
      received.abort();
    }
    this.#exit = { ...ended, failure };
    return this.#exit;
  }

  #probe(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const probe = get({ host: HOST, port, path: '/', agent: false, timeout: PROBE_TIMEOUT_MS }, (response) => {
        response.resume();
        response.on('error', () => resolve(false));
        response.on('end', () => resolve(response.statusCode === 200));
      });
      probe.on('timeout', () => probe.destroy());
      probe.on('error', () => resolve(false));
    });
  }
}
