/** A check that did not hold. */
interface Failure {
  readonly name: string;
  readonly detail: string;
}

/** Progress and verdicts of the demo, on stderr: stdout is for results. */
export class Checks {
  readonly #failures: Failure[] = [];
  #held = 0;

  /** How many checks held. */
  get held(): number {
    return this.#held;
  }

  /** The first check that failed as one line, or `undefined` when all held. */
  get failure(): string | undefined {
    const [first, ...others] = this.#failures;
    if (first === undefined) {
      return undefined;
    }
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return oneLine(`${first.name}: ${first.detail}`) + more;
  }

  /** Says what happens now. */
  progress(text: string): void {
    process.stderr.write(`-- ${text}\n`);
  }

  /**
   * Notes whether something holds; the demo goes on either way, so that one run shows everything that is wrong.
   *
   * @param detail What was found instead; only looked at when the check failed.
   */
  holds(name: string, held: boolean, detail: string | (() => string)): void {
    if (held) {
      this.#held += 1;
      process.stderr.write(`ok ${name}\n`);
    } else {
      this.fail(name, typeof detail === 'string' ? detail : detail());
    }
  }

  /** Checks that two values are the same number, text or truth. */
  same(name: string, actual: unknown, expected: unknown): void {
    this.holds(name, Object.is(actual, expected), () => `expected ${show(expected)}, found ${show(actual)}`);
  }

  /** Checks two lists value by value; names the first place where they differ. */
  sameList(name: string, actual: readonly unknown[], expected: readonly unknown[]): void {
    const place = firstDifference(actual, expected);
    this.holds(name, place === -1, () => {
      const found = `${show(actual[place])} instead of ${show(expected[place])}`;
      return `expected ${expected.length} values, found ${actual.length}; at ${place}: ${found}`;
    });
  }

  /** Notes a failure. */
  fail(name: string, detail: string): void {
    this.#failures.push({ name, detail });
    process.stderr.write(`FAILED ${oneLine(`${name}: ${detail}`)}\n`);
  }
}

function firstDifference(actual: readonly unknown[], expected: readonly unknown[]): number {
  const length = Math.max(actual.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    if (index >= actual.length || index >= expected.length || !Object.is(actual[index], expected[index])) {
      return index;
    }
  }
  return -1;
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}
