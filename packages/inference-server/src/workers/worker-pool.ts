import { SHUTDOWN_DEADLINE_MS, sleep } from '@azureml-ts/common';
import type { ServerLog } from '../log/server-log.ts';
import { FAILED_START_FLUSH_MS } from '../server.ts';
import { WorkerFailedError, WorkersKeepFailingError } from './errors.ts';
import { PoolWorker, type WorkerExit, type WorkerSettings } from './pool-worker.ts';
import { RestartPolicy } from './restart-policy.ts';

/** How much longer than their own deadline workers may take to stop, in milliseconds. */
const STOP_SLACK_MS = 2_000;

/** How long workers may take to end when the start is given up, in milliseconds: what they have to tell leaves first. */
const GIVE_UP_MS = FAILED_START_FLUSH_MS + 300;

/** How long a rolling restart waits for a worker to end before it goes on with the next, in milliseconds. */
const RETIRE_MS = 90_000;

/** Where a pool serves. */
export interface PoolAddress {
  readonly port: number;
  readonly url: string;
}

/** How a start went: an address, or how the first worker that failed ended. */
export type PoolStart = { readonly address: PoolAddress } | { readonly failed: WorkerExit };

/** What a pool reports to. */
export interface PoolEvents {
  /** A worker failed; scoring goes on in the others. */
  onWorkerFailed(error: WorkerFailedError): void;
  /** Workers failed too often: the pool starts no more. Called once. */
  onGivenUp(error: WorkersKeepFailingError): void;
}

interface Place {
  readonly number: number;
  readonly policy: RestartPolicy;
  /** The one that serves, or is on its way to. */
  worker: PoolWorker | undefined;
  /** The one that will take its place in a rolling restart. */
  successor: PoolWorker | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Worker processes that share one port, and what keeps their number. */
export class WorkerPool {
  readonly #places: readonly Place[];
  readonly #settings: WorkerSettings;
  readonly #log: ServerLog;
  readonly #events: PoolEvents;
  /** All that live, those that leave too. */
  readonly #living = new Set<PoolWorker>();
  #isStarted = false;
  #isStopping = false;
  #rolling: Promise<void> | undefined;
  #rollAgain = false;

  /**
   * @param count How many, at least 1.
   * @param settings What each is started with.
   * @param log Gets what happens to the workers.
   * @param events Gets their failures.
   */
  constructor(count: number, settings: WorkerSettings, log: ServerLog, events: PoolEvents) {
    this.#places = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      policy: new RestartPolicy(),
      worker: undefined,
      successor: undefined,
      timer: undefined,
    }));
    this.#settings = settings;
    this.#log = log;
    this.#events = events;
  }

  /**
   * Starts all workers; the port opens once `init()` has ended in each. When one fails, the others are ended too.
   *
   * @returns Where it serves, or how the first one that failed ended.
   */
  async start(): Promise<PoolStart> {
    const workers = this.#places.map((place) => {
      place.worker = this.#fork(place);
      return place.worker;
    });
    const failed = Promise.race(workers.map(async (worker) => worker.failed.then(() => worker)));
    const served = (async () => {
      await Promise.all(workers.map((worker) => worker.prepared));
      for (const worker of workers) {
        worker.open();
      }
      return Promise.all(workers.map((worker) => worker.listening));
    })();
    const first = await Promise.race([failed, served]);
    const [address] = Array.isArray(first) ? first : [];
    if (address === undefined) {
      const worker = await failed;
      await this.#giveUpStart(worker);
      return { failed: await worker.ended };
    }
    this.#isStarted = true;
    for (const place of this.#places) {
      this.#keep(place, place.worker as PoolWorker);
    }
    return { address: { port: address.port, url: address.url } };
  }

  /**
   * Replaces the workers one after the other: a new one serves before the old one stops to accept. An old one keeps its open
   * connections until each has got its answer, so that no request is lost. When a new one fails, the old ones stay.
   */
  roll(): void {
    if (!this.#isStarted || this.#isStopping) {
      this.#log.line('W', 'No restart of the workers: they are starting or stopping.');
    } else if (this.#rolling !== undefined) {
      this.#rollAgain = true;
    } else {
      this.#rolling = this.#rollAll().finally(() => {
        this.#rolling = undefined;
        if (this.#rollAgain) {
          this.#rollAgain = false;
          this.roll();
        }
      });
    }
  }

  /**
   * Stops all workers in good order, and kills those that do not end in time.
   *
   * @param reason Told in their logs.
   * @param timeoutMs Longest wait in milliseconds.
   * @returns Whether each of them ended in good order.
   */
  async stop(reason: string, timeoutMs: number = SHUTDOWN_DEADLINE_MS + STOP_SLACK_MS): Promise<boolean> {
    this.#isStopping = true;
    this.#rollAgain = false;
    for (const place of this.#places) {
      clearTimeout(place.timer);
    }
    const workers = [...this.#living];
    for (const worker of workers) {
      worker.stop(reason);
    }
    const killed = await this.#allEnded(timeoutMs);
    for (const worker of killed) {
      this.#log.line('E', `${nameOf(worker)} did not stop in time and was killed.`);
    }
    const exits = await Promise.all(workers.map((worker) => worker.ended));
    return exits.every(({ code }) => code === 0);
  }

  /** Ends every process at once. */
  kill(): void {
    this.#isStopping = true;
    for (const worker of this.#living) {
      worker.kill();
    }
  }

  #fork(place: Place): PoolWorker {
    const worker = new PoolWorker(place.number, this.#settings);
    this.#living.add(worker);
    void worker.ended.then(() => this.#living.delete(worker));
    return worker;
  }

  async #giveUpStart(failed: PoolWorker): Promise<void> {
    this.#isStopping = true;
    for (const worker of this.#living) {
      if (worker !== failed) {
        worker.stop('the start of another worker failed');
      }
    }
    await this.#allEnded(GIVE_UP_MS);
  }

  /** Waits until all have ended, kills those that have not in time, and returns them. */
  async #allEnded(timeoutMs: number): Promise<PoolWorker[]> {
    const finished = new AbortController();
    const late = sleep(timeoutMs, { abortSignal: finished.signal, keepAlive: true }).catch(() => undefined);
    await Promise.race([Promise.all([...this.#living].map((worker) => worker.ended)), late]);
    finished.abort();
    const left = [...this.#living];
    for (const worker of left) {
      worker.kill();
    }
    await Promise.all(left.map((worker) => worker.ended));
    return left;
  }

  /** Has another worker take the place when this one fails. */
  #keep(place: Place, worker: PoolWorker): void {
    void worker.ended.then((exit) => {
      if (this.#isStopping || worker.isLeaving || place.worker !== worker) {
        return;
      }
      place.worker = undefined;
      this.#onFailed(place, worker, exit);
    });
  }

  #onFailed(place: Place, worker: PoolWorker, exit: WorkerExit): void {
    const delayMs = place.policy.failed(worker.servedMs);
    const what = `${nameOf(worker)} ${howItEnded(worker, exit, this.#settings.silenceMs)}`;
    const next =
      place.successor !== undefined
        ? 'Its successor is starting already.'
        : delayMs === undefined
          ? 'No other is started.'
          : `Another one starts in ${delayMs} ms.`;
    this.#log.line('E', `${what} ${next}`);
    const details = {
      worker: worker.place,
      pid: worker.pid ?? null,
      exitCode: exit.code,
      signal: exit.signal,
      ...(exit.failure === undefined ? {} : { code: exit.failure.code }),
    };
    const error = new WorkerFailedError(what, { details, retryable: true });
    this.#events.onWorkerFailed(error);
    if (delayMs === undefined) {
      this.#isStopping = true;
      this.#events.onGivenUp(
        new WorkersKeepFailingError(
          `Worker ${place.number} failed ${place.policy.failures} times, never serving for a minute in between. The lines above tell each cause; repair it and start the server again.`,
          { cause: error, details },
        ),
      );
    } else if (place.successor === undefined) {
      place.timer = setTimeout(() => this.#restart(place), delayMs);
    }
  }

  #restart(place: Place): void {
    const worker = this.#fork(place);
    place.worker = worker;
    this.#keep(place, worker);
    void worker.prepared.then(() => worker.open());
  }

  async #rollAll(): Promise<void> {
    this.#log.line('I', `Replacing ${this.#places.length} workers, one after the other.`);
    for (const place of this.#places) {
      if (!(await this.#rollOne(place))) {
        return;
      }
    }
    this.#log.line('I', 'All workers have been replaced.');
  }

  async #rollOne(place: Place): Promise<boolean> {
    clearTimeout(place.timer);
    const next = this.#fork(place);
    place.successor = next;
    await next.prepared;
    next.open();
    const address = await next.listening;
    place.successor = undefined;
    if (this.#isStopping) {
      return false;
    }
    const old = place.worker;
    if (address === undefined) {
      const how = howItEnded(next, await next.ended, this.#settings.silenceMs);
      this.#log.line('E', `${nameOf(next)}, a new one, ${how} The workers that serve stay as they are.`);
      this.#events.onWorkerFailed(new WorkerFailedError(`${nameOf(next)}, a new one, ${how}`));
      if (old === undefined) {
        this.#restart(place);
      }
      return false;
    }
    place.worker = next;
    this.#keep(place, next);
    if (old !== undefined) {
      old.retire();
      this.#log.line(
        'I',
        `${nameOf(next)} takes over from process ${old.pid}; that ends once its open connections have ended.`,
      );
      void old.ended.then((exit) => {
        if (exit.code !== 0 && !this.#isStopping) {
          this.#log.line('W', `${nameOf(old)}, replaced, ${howItEnded(old, exit, this.#settings.silenceMs)}`);
        }
      });
      const waited = new AbortController();
      const late = sleep(RETIRE_MS, { abortSignal: waited.signal }).catch(() => undefined);
      await Promise.race([old.ended, late]);
      waited.abort();
    }
    return !this.#isStopping;
  }
}

function nameOf(worker: PoolWorker): string {
  return `Worker ${worker.place} (process ${worker.pid ?? 'not started'})`;
}

function howItEnded(worker: PoolWorker, exit: WorkerExit, silenceMs: number): string {
  if (worker.wasSilent) {
    return `was killed: its event loop stood still for ${silenceMs / 1000} s, as in an endless loop (WORKER_TIMEOUT).`;
  }
  const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  return exit.failure === undefined ? `${how}.` : `${how}: ${exit.failure.message} [${exit.failure.code}]`;
}
