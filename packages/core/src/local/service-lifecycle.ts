import { errorMessage } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import type { WebserviceState } from '../webservice/state.ts';
import { describeExit, startFailure } from './failures.ts';
import type { ServerExit, ServerProcess, StopLimits, StopReason } from './server-process.ts';

/** The server's own shutdown order takes 20 s at most. */
const STOP_LIMITS: StopLimits = { requestsMs: 10_000, serverMs: 22_000 };

/** Is told each step of a service's life. */
export type LifecycleWatcher = (state: WebserviceState, message: string) => void;

/** What a lifecycle needs to know. */
export interface LifecycleInit {
  /** Name of the service, for messages. */
  readonly name: string;
  /** Port to listen on; `undefined` for any free one. */
  readonly port: number | undefined;
  readonly logFile: string;
  /** Starts a process on a port, 0 for any free one, with the settings of that moment. */
  readonly start: (port: number) => ServerProcess;
  /** Says who has a port that is in use; an empty text when it is not known. */
  readonly portHolder: (port: number) => Promise<string>;
  /** How long a stop takes at most. Default: 10 s for requests, then 22 s for the server. */
  readonly stopLimits?: StopLimits | undefined;
}

/**
 * The life of a local service: its processes one after the other, what may be done when, and where it stands.
 *
 * Restarts and the end are operations: they run one after the other, in the order they were asked for.
 */
export class ServiceLifecycle {
  readonly #init: LifecycleInit;
  readonly #watchers = new Set<LifecycleWatcher>();
  #server: ServerProcess;
  #ready: Promise<void>;
  #state: WebserviceState = 'Transitioning';
  #step = 'starting';
  #port: number | undefined;
  /** Never rejects. */
  #operations: Promise<void> = Promise.resolve();
  #pendingOperations = 0;
  #ending: Promise<void> | undefined;

  /** @param init What to run. The first process is started at once. */
  constructor(init: LifecycleInit) {
    this.#init = init;
    this.#port = init.port;
    this.#server = this.#start();
    this.#ready = this.#becomeReady(this.#server);
  }

  /** Where the service stands. */
  get state(): WebserviceState {
    return this.#state;
  }

  /** Port once known: the same for the whole life. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Id of the process of now; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#server.pid;
  }

  /** Whether the process of now has ended. */
  get hasExited(): boolean {
    return this.#server.exit !== undefined;
  }

  /** Whether the end was asked for, or is reached. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Tells a watcher each step from now on. Call the returned function to stop that. */
  watch(watcher: LifecycleWatcher): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Tells a watcher the step of now. */
  tell(watcher: LifecycleWatcher): void {
    watcher(this.#state, this.#step);
  }

  /** @throws {@link WebserviceError} `WEBSERVICE_DELETED` when the end was asked for. */
  refuseDeleted(what: string): void {
    if (this.#ending !== undefined) {
      const text = `Service "${this.#init.name}" was deleted, so ${what} cannot go on. Deploy it again with Model.deploy().`;
      throw new WebserviceError('WEBSERVICE_DELETED', text);
    }
  }

  /** Runs an operation after those asked for before. */
  enqueue(operation: () => Promise<void>): Promise<void> {
    this.#pendingOperations += 1;
    const work = this.#operations.then(operation).finally(() => {
      this.#pendingOperations -= 1;
    });
    this.#operations = work.catch(() => undefined);
    return work;
  }

  /** Replaces the process by a new one on the same port. Only inside an operation; does not wait for its health. */
  async restart(by: StopReason['by']): Promise<void> {
    this.#note('Transitioning', 'restarting');
    await this.#stop(by);
    this.#server = this.#start();
    this.#ready = this.#becomeReady(this.#server);
  }

  /**
   * Ends the process for good. Asked again, waits for the same end; after one that failed, tries again.
   *
   * @param remove What to do when the process has ended.
   */
  async end(remove: () => Promise<void>): Promise<void> {
    this.#ending ??= this.enqueue(async () => {
      await this.#stop('delete()');
      await remove();
    });
    if (this.#state !== 'Deleted') {
      this.#note('Deleting', 'stopping');
    }
    try {
      await this.#ending;
    } catch (error) {
      this.#ending = undefined;
      this.#note('Failed', `deleting failed: ${errorMessage(error)}`);
      throw error;
    }
    this.#note('Deleted', 'deleted');
  }

  /** Waits for the operations asked for so far, and for the process that they leave to be healthy. */
  async whenReady(): Promise<void> {
    for (;;) {
      await this.#operations;
      const ready = this.#ready;
      const outcome = await ready.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      this.refuseDeleted('the call');
      if (this.#pendingOperations === 0 && ready === this.#ready) {
        if (outcome !== undefined) {
          throw outcome.error;
        }
        const { exit } = this.#server;
        if (exit !== undefined) {
          throw await startFailure(`Service "${this.#init.name}" ended by itself`, exit, this.#init.logFile);
        }
        return;
      }
    }
  }

  /**
   * Waits until the service is ready, and counts a request that is sent then.
   *
   * @param cut Called when the request has to be cut off for a restart or the end.
   * @returns The process to send it to, and what to call when it is done.
   */
  async beginRequest(cut: (reason: StopReason) => void): Promise<{ server: ServerProcess; done: () => void }> {
    // Asked again without a pause in between, so that the request is counted before any restart begins.
    do {
      await this.whenReady();
    } while (this.#pendingOperations > 0);
    return { server: this.#server, done: this.#server.beginRequest(cut) };
  }

  #start(): ServerProcess {
    return this.#init.start(this.#port ?? 0);
  }

  #stop(by: StopReason['by']): Promise<void> {
    return this.#server.stop(by, this.#init.stopLimits ?? STOP_LIMITS);
  }

  #becomeReady(server: ServerProcess): Promise<void> {
    const ready = this.#awaitHealth(server);
    // Whoever waits gets it from whenReady(); a service that nobody waits for must not end the process.
    ready.catch(() => undefined);
    return ready;
  }

  async #awaitHealth(server: ServerProcess): Promise<void> {
    this.#note('Transitioning', `process ${server.pid ?? '(none)'} started`);
    const exit = await server.healthy((port) => {
      this.#port = port;
      this.#note('Transitioning', `listening on port ${port}`);
    });
    const isCurrent = () => this.#server === server && !server.isStopping;
    if (exit !== undefined) {
      const failure = await startFailure(
        `Service "${this.#init.name}" could not start`,
        await this.#withHolder(exit),
        this.#init.logFile,
      );
      if (isCurrent()) {
        this.#note('Failed', failure.message);
      }
      throw failure;
    }
    if (isCurrent()) {
      this.#note('Healthy', 'answers');
    }
    void server.exited.then((end) => {
      if (isCurrent()) {
        this.#note('Unhealthy', `its process ${describeExit(end)}`);
      }
    });
  }

  async #withHolder(exit: ServerExit): Promise<ServerExit> {
    if (exit.failure?.code !== 'PORT_IN_USE' || this.#port === undefined) {
      return exit;
    }
    const holder = await this.#init.portHolder(this.#port);
    return { ...exit, failure: { ...exit.failure, message: `${exit.failure.message} ${holder}`.trimEnd() } };
  }

  #note(state: WebserviceState, message: string): void {
    if (this.#ending !== undefined && state !== 'Deleting' && state !== 'Deleted') {
      return;
    }
    this.#state = state;
    this.#step = message;
    for (const watcher of this.#watchers) {
      watcher(state, message);
    }
  }
}
