import type { Call } from './call-reader.ts';

/** Calls of one side whose other side has not come yet. */
export class WaitingCalls<T extends object> {
  readonly #calls = new Map<string, Call<T>>();

  /** Takes a call in. */
  add(call: Call<T>): void {
    this.#calls.set(call.id, call);
  }

  /** Takes the call of an id out. */
  take(id: string): Call<T> | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  /** Takes out those of days before this one; all without a day. They came day by day. */
  *takeBefore(day?: string): Generator<Call<T>, void, undefined> {
    for (const [id, call] of this.#calls) {
      if (day !== undefined && call.day >= day) {
        break;
      }
      this.#calls.delete(id);
      yield call;
    }
  }
}
