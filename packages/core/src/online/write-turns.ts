import { processSingleton } from '@azureml-ts/common';
import type { OnlineApi } from './online-api.ts';

/** The writes of one resource. */
interface Turns {
  /** Updates that are under way. */
  users: number;
  /** Writes that were accepted while there were any. */
  accepted: number;
  /** Ends when the last write in the queue ended. */
  tail: Promise<void>;
}

/** By the id of the resource; one for all copies of the package in the process, gone when no update is under way. */
const turnsById = processSingleton('online-writes', 1, () => new Map<string, Turns>());

/**
 * The place of one update among those of this process that write the same resource: between its last reading and the
 * accepted write no other one comes in.
 */
export class WriteTurn {
  readonly #id: string;
  readonly #turns: Turns;
  #seen: number;

  /**
   * Call it before the first reading, and {@link leave} at the end.
   *
   * @param id The resource, as Azure Resource Manager knows it.
   */
  constructor(id: string) {
    this.#id = id.toLowerCase();
    this.#turns = turnsById.get(this.#id) ?? { users: 0, accepted: 0, tail: Promise.resolve() };
    turnsById.set(this.#id, this.#turns);
    this.#turns.users += 1;
    this.#seen = this.#turns.accepted;
  }

  /** Whether another update of this process wrote the resource since this one read it first. */
  get isOvertaken(): boolean {
    return this.#turns.accepted !== this.#seen;
  }

  /**
   * Reads and writes when those before have done so.
   *
   * @param abortSignal Ends the wait for the turn.
   * @param write Does it; resolves with `undefined` when nothing was written.
   */
  async take<T>(abortSignal: AbortSignal, write: () => Promise<T>): Promise<T> {
    const turns = this.#turns;
    const before = turns.tail;
    const done = Promise.withResolvers<void>();
    turns.tail = done.promise;
    try {
      await before;
      abortSignal.throwIfAborted();
      const result = await write();
      if (result !== undefined) {
        turns.accepted += 1;
        this.#seen = turns.accepted;
      }
      return result;
    } finally {
      done.resolve();
    }
  }

  /** Ends it. Call it once. */
  leave(): void {
    this.#turns.users -= 1;
    if (this.#turns.users === 0) {
      turnsById.delete(this.#id);
    }
  }
}

/** The turns of one update, each made when it is asked for. */
export class WriteTurns {
  readonly #api: Pick<OnlineApi, 'id'>;
  readonly #turns = new Map<string | undefined, WriteTurn>();

  /** @param api Knows the ids. */
  constructor(api: Pick<OnlineApi, 'id'>) {
    this.#api = api;
  }

  /** The turn at a deployment; `undefined` for the endpoint itself. */
  of(deploymentName: string | undefined): WriteTurn {
    const turn = this.#turns.get(deploymentName) ?? new WriteTurn(this.#api.id(deploymentName));
    this.#turns.set(deploymentName, turn);
    return turn;
  }

  /** Ends all. */
  leave(): void {
    for (const turn of this.#turns.values()) {
      turn.leave();
    }
    this.#turns.clear();
  }
}

/** Number of resources with updates under way. */
export function openTurns(): number {
  return turnsById.size;
}
