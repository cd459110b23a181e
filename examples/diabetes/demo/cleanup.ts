import type { Checks } from './checks.ts';

/** What was started and has to be stopped, whatever happens: the last started goes first. */
export class Cleanup {
  readonly #open: { readonly what: string; readonly stop: () => Promise<unknown> }[] = [];

  /** Remembers how to stop something. */
  add(what: string, stop: () => Promise<unknown>): void {
    this.#open.push({ what, stop });
  }

  /** Stops everything; one that cannot be stopped is a failed check and does not keep the others from stopping. */
  async run(checks: Checks): Promise<void> {
    for (let entry = this.#open.pop(); entry !== undefined; entry = this.#open.pop()) {
      try {
        await entry.stop();
      } catch (error) {
        checks.fail(`stop ${entry.what}`, error instanceof Error ? error.message : String(error));
      }
    }
  }
}
