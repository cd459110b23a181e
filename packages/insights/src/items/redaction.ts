import type { RedactedKind, RedactTrace } from '../types.ts';

/** Stands in place of a value that could not be redacted. */
const LEFT_OUT = { $leftOut: true, reason: 'redact failed' } as const;

/** Applies the caller's `redact`, and leaves out whatever it fails for. @internal */
export class Redaction {
  readonly #redact: RedactTrace | undefined;
  readonly #onFailure: (problem: string) => void;
  #failed = 0;

  /** @param onFailure Told each time, without anything of the value. */
  constructor(redact: RedactTrace | undefined, onFailure: (problem: string) => void) {
    this.#redact = redact;
    this.#onFailure = onFailure;
  }

  /** Whether values are changed at all. */
  get isOn(): boolean {
    return this.#redact !== undefined;
  }

  /** How often it failed. */
  get failed(): number {
    return this.#failed;
  }

  /** @returns What may be sent of the value. */
  apply(value: unknown, kind: RedactedKind): unknown {
    if (this.#redact === undefined) {
      return value;
    }
    try {
      const redacted = this.#redact(value, { kind });
      if (!isPromise(redacted)) {
        return redacted;
      }
      // Nobody else waits for it, and its failure must not end the process.
      redacted.then(undefined, () => undefined);
      return this.#fail('returned a promise');
    } catch {
      // What it threw may quote the value.
      return this.#fail('threw an error');
    }
  }

  #fail(how: string): unknown {
    this.#failed += 1;
    this.#onFailure(`redact ${how}: the value is left out`);
    return LEFT_OUT;
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
