import type { CollectorIssue, CollectorStats, FlushOptions } from '@azureml-ts/monitoring';
import { type Child, type ChildOptions, messageOf, startChild } from './children.ts';
import type { Cell, CollectorPlan } from './plan.ts';

/** The time of a process. */
export interface RemoteTime {
  /** How far its clock is ahead of the machine's, in milliseconds. */
  readonly aheadMs?: number | undefined;
  /** How much faster its timers are. */
  readonly hurry?: number | undefined;
}

/** How {@link RemoteCollector} is started. */
export type RemoteOptions = ChildOptions & RemoteTime;

/** What {@link RemoteCollector} may ask the process. */
export type RemoteCall =
  | { readonly do: 'open'; readonly plan: CollectorPlan; readonly time: RemoteTime }
  | { readonly do: 'collect'; readonly rows: readonly (readonly Cell[])[] }
  | { readonly do: 'collect nonsense' }
  | { readonly do: 'flush'; readonly options: Omit<FlushOptions, 'abortSignal'> }
  | { readonly do: 'close'; readonly timeoutMs: number | undefined }
  | { readonly do: 'stats' }
  /** Its number, as it sees it itself. */
  | { readonly do: 'pid' }
  | { readonly do: 'setClock'; readonly aheadMs: number }
  | { readonly do: 'free'; readonly file: string }
  /** What is mounted for the process only it can read. */
  | { readonly do: 'read below'; readonly folder: string; readonly ending: string }
  | { readonly do: 'fill'; readonly file: string; readonly leaveBytes: number };

/** What the process answers. */
export interface RemoteAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: { readonly code: unknown; readonly message: string; readonly details: unknown };
}

/** A collector in a process of its own, told what to do step by step. */
export class RemoteCollector {
  readonly child: Child;
  /** What `onError` was told. */
  readonly issues: Omit<CollectorIssue, 'error'>[] = [];
  #calls = 0;

  private constructor(child: Child) {
    this.child = child;
    child.process.on('message', (message: { issue?: Omit<CollectorIssue, 'error'> }) => {
      if (message.issue !== undefined) {
        this.issues.push(message.issue);
      }
    });
  }

  /** Starts the process and makes its collector. */
  static async start(plan: CollectorPlan, { aheadMs, hurry, ...how }: RemoteOptions = {}): Promise<RemoteCollector> {
    const remote = new RemoteCollector(startChild('remote.ts', how));
    await remote.ask({ do: 'open', plan, time: { aheadMs, hurry } });
    return remote;
  }

  /** Has one step done; rejects with `code` and `message` of what the collector threw. */
  async ask<T>(call: RemoteCall): Promise<T> {
    this.#calls += 1;
    const id = this.#calls;
    const answer = messageOf<RemoteAnswer>(this.child, (message) => message.id === id);
    this.child.process.send({ id, ...call });
    const { value, failure } = await answer;
    if (failure !== undefined) {
      throw Object.assign(new Error(failure.message), { code: failure.code, details: failure.details });
    }
    return value as T;
  }

  /** Gives rows, each a call of its own. */
  collect(...rows: readonly (readonly Cell[])[]): Promise<number> {
    return this.ask({ do: 'collect', rows });
  }

  flush(options: Omit<FlushOptions, 'abortSignal'> = {}): Promise<void> {
    return this.ask({ do: 'flush', options });
  }

  close(timeoutMs?: number): Promise<void> {
    return this.ask({ do: 'close', timeoutMs });
  }

  stats(): Promise<CollectorStats> {
    return this.ask({ do: 'stats' });
  }

  /** Lets the process come to its end by itself, and waits for it. */
  async end(): Promise<void> {
    this.child.process.disconnect();
    await this.child.ended;
  }

  /** Ends the process as `kill -9` does. */
  async kill(): Promise<void> {
    await this.child.kill();
  }
}
