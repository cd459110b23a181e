import { constants } from 'node:os';
import { currentRequest, inspectSafely } from '@azureml-ts/common';
import type { ServerLog } from '../log/server-log.ts';
import { EXIT } from './exit-codes.ts';
import { isLostReader } from './std-streams.ts';

/**
 * A second signal of the same name within this time is taken for an echo of the first: Ctrl-C reaches a process from the terminal and again
 * from a parent that passes signals on.
 */
const ECHO_MS = 1_000;

/** Why the process is to end, and with which code. */
export interface End {
  readonly reason: string;
  readonly exitCode: number;
}

/** Waits for whatever ends the server: a signal, the end of the parent process, or an error that nobody caught. */
export class ProcessEnd {
  /** Resolves with the first cause. */
  readonly ended: Promise<End>;
  /** Aborted at the first cause. */
  readonly abortSignal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #log: ServerLog;
  readonly #onError: (error: unknown) => void;
  readonly #end: (end: End) => void;
  #asked: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  #hasFailed = false;
  #isReporting = false;

  /**
   * @param log Gets the errors that nobody caught.
   * @param onError Reports them further.
   */
  constructor(log: ServerLog, onError: (error: unknown) => void) {
    this.#log = log;
    this.#onError = onError;
    this.abortSignal = this.#abort.signal;
    const { promise, resolve } = Promise.withResolvers<End>();
    this.ended = promise;
    this.#end = (end) => {
      resolve(end);
      this.#abort.abort(new Error(end.reason));
    };
    process.on('SIGTERM', this.#onSignal);
    process.on('SIGINT', this.#onSignal);
    process.on('uncaughtException', this.#onUncaught);
    process.on('unhandledRejection', this.#onRejection);
    if (process.send !== undefined) {
      process.on('disconnect', this.#onDisconnect);
      if (process.connected === false) {
        this.#onDisconnect();
      }
    }
  }

  /** Whether an error that nobody caught has come, even after the end had another cause. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /**
   * Ends the process in good order, for another reason than a signal.
   *
   * @param reason Told in the log.
   * @param exitCode Default 0.
   */
  ask(reason: string, exitCode: number = EXIT.ok): void {
    this.#end({ reason, exitCode });
  }

  /** Listens no more. */
  close(): void {
    process.off('SIGTERM', this.#onSignal);
    process.off('SIGINT', this.#onSignal);
    process.off('uncaughtException', this.#onUncaught);
    process.off('unhandledRejection', this.#onRejection);
    process.off('disconnect', this.#onDisconnect);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#asked === undefined) {
      this.#asked = { signal, at: now };
      this.#end({ reason: signal, exitCode: EXIT.ok });
    } else if (signal !== this.#asked.signal || now - this.#asked.at > ECHO_MS) {
      // Whoever asks twice does not want to wait.
      process.exit(128 + constants.signals[signal]);
    }
  };

  readonly #onDisconnect = (): void => this.#end({ reason: 'the parent process ended', exitCode: EXIT.ok });

  readonly #onUncaught = (error: unknown): void => this.#onFailure('uncaught exception', 'uncaughtException', error);

  readonly #onRejection = (error: unknown): void => this.#onFailure('unhandled rejection', 'unhandledRejection', error);

  #onFailure(what: string, event: 'uncaughtException' | 'unhandledRejection', error: unknown): void {
    // Once the process is ending, or when reporting a failure fails in turn, more would only delay the end.
    if (this.#hasFailed || this.#isReporting || isLostReader(error)) {
      return;
    }
    this.#isReporting = true;
    try {
      // As in Node itself, a handler of the script's own decides that the process goes on.
      if (process.listenerCount(event) === 1) {
        // Settled first: whatever becomes of the report, the process ends.
        this.#hasFailed = true;
        this.#end({ reason: what, exitCode: EXIT.other });
      }
      const requestId = currentRequest()?.requestId;
      this.#log.line(
        'E',
        `${what}${requestId === undefined ? '' : ` (request-id=${requestId})`}\n${inspectSafely(error)}`,
      );
      this.#onError(error);
    } catch {
      // An exception in here would end the process at once, with nothing sent and running requests cut.
    } finally {
      this.#isReporting = false;
    }
  }
}
