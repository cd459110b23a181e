import cluster, { type Worker } from 'node:cluster';
import { errorMessage, sleep } from '@azureml-ts/common';
import type { ParentMessage } from '../command/parent-channel.ts';
import { HandedConnections } from './handed-connections.ts';
import { BeatMonitor, beatInterval } from './heartbeat.ts';
import { type FromWorker, isWorkerMessage, type ToWorker, type WorkerOptions } from './messages.ts';
import { WORKER_FILE } from './worker-file.ts';

/** How long messages may still be on their way when the process has ended, in milliseconds. */
const LAST_MESSAGES_MS = 500;

/** How a worker process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said before it ended, when its start failed. */
  readonly failure?: { readonly code: string; readonly message: string } | undefined;
}

/** What every worker of a pool is started with. */
export interface WorkerSettings {
  readonly options: WorkerOptions;
  /** Longest time without a beat, in milliseconds; 0 for no limit. */
  readonly silenceMs: number;
  readonly watchParent: boolean;
}

type Listening = Extract<ParentMessage, { type: 'azureml-ts:listening' }>;

/** One worker process, as the primary sees it. */
export class PoolWorker {
  /** Number of its place in the pool, from 1. */
  readonly place: number;
  /** Resolves once `init()` has ended, with `false` when the process ended first. */
  readonly prepared: Promise<boolean>;
  /** Resolves once its start has failed or its process has ended. */
  readonly failed: Promise<void>;
  /** Resolves once it serves, with `undefined` when the process ended first. */
  readonly listening: Promise<Listening | undefined>;
  /** Resolves once the process has ended; never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** Whether it was asked to end. */
  isLeaving = false;
  /** Whether it was killed because its event loop stood still. */
  wasSilent = false;
  readonly #worker: Worker;
  readonly #handed: HandedConnections;
  readonly #settings: WorkerSettings;
  readonly #failed = Promise.withResolvers<void>();
  readonly #prepared = Promise.withResolvers<boolean>();
  readonly #listening = Promise.withResolvers<Listening | undefined>();
  /** From its first message on: the start of Node itself is not the script's. */
  #beats: BeatMonitor | undefined;
  #servesSince: number | undefined;
  #failure: WorkerExit['failure'];

  /** Starts the process. */
  constructor(place: number, settings: WorkerSettings) {
    this.place = place;
    this.#settings = settings;
    this.failed = this.#failed.promise;
    this.prepared = this.#prepared.promise;
    this.listening = this.#listening.promise;
    cluster.setupPrimary({
      exec: WORKER_FILE,
      // For whoever looks at the list of processes.
      args: [`worker-${place}`, ...(settings.options.entryScript === undefined ? [] : [settings.options.entryScript])],
      windowsHide: true,
    });
    this.#worker = cluster.fork();
    this.#handed = new HandedConnections(this.#worker);
    this.#worker.on('message', (message: unknown) => {
      if (isWorkerMessage(message)) {
        this.#onMessage(message as FromWorker);
      }
    });
    this.ended = this.#watch();
  }

  /** Id of the process; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** How long it has been serving, in milliseconds; 0 when it never did. */
  get servedMs(): number {
    return this.#servesSince === undefined ? 0 : performance.now() - this.#servesSince;
  }

  /** Lets it open the port. */
  open(): void {
    this.#say({ type: 'azureml-ts:worker-open' });
  }

  /** Asks it to take no new connections, and to end once those that are open have gone. */
  retire(): void {
    this.isLeaving = true;
    this.#say({ type: 'azureml-ts:worker-retire' });
  }

  /** Asks it to answer what runs and to end. */
  stop(reason: string): void {
    this.isLeaving = true;
    this.#say({ type: 'azureml-ts:worker-stop', reason });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #onMessage(message: FromWorker): void {
    this.#beats?.beat();
    switch (message.type) {
      case 'azureml-ts:worker-here': {
        const { options, silenceMs, watchParent } = this.#settings;
        this.#beats = new BeatMonitor(silenceMs, () => this.#onSilence());
        this.#say({ type: 'azureml-ts:worker-start', options, beatMs: beatInterval(silenceMs), watchParent });
        break;
      }
      case 'azureml-ts:worker-prepared':
        this.#prepared.resolve(true);
        break;
      case 'azureml-ts:listening':
        this.#servesSince = performance.now();
        this.#listening.resolve(message);
        break;
      case 'azureml-ts:failed':
        this.#failure = { code: message.code, message: message.message };
        this.#failed.resolve();
        break;
      case 'azureml-ts:worker-beat':
        break;
    }
  }

  #onSilence(): void {
    this.wasSilent = true;
    this.kill();
  }

  async #watch(): Promise<WorkerExit> {
    const disconnected = new Promise<void>((resolve) => this.#worker.once('disconnect', resolve));
    const exit = await new Promise<WorkerExit>((resolve) => {
      this.#worker.once('exit', (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal }));
      this.#worker.on('error', (error) => {
        // The same event also tells of messages that could not be sent; those ends are seen by `exit`.
        if (this.pid === undefined) {
          this.#failure = { code: 'PROCESS_NOT_STARTED', message: `Node could not be started: ${errorMessage(error)}` };
          resolve({ code: null, signal: null });
        }
      });
    });
    this.#beats?.end();
    if (this.#worker.isConnected()) {
      await Promise.race([disconnected, sleep(LAST_MESSAGES_MS, { keepAlive: true })]);
    }
    this.#handed.cut();
    this.#failed.resolve();
    this.#prepared.resolve(false);
    this.#listening.resolve(undefined);
    return { ...exit, failure: this.#failure };
  }

  #say(message: ToWorker): void {
    if (this.#worker.isConnected()) {
      // One that ends in this very moment is heard by `ended`.
      this.#worker.process.send(message, undefined, undefined, () => undefined);
    }
  }
}
