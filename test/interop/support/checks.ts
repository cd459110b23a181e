import { isDeepStrictEqual } from 'node:util';

/** Longest text that a failure shows of a value. */
const SHOWN = 400;

/** Counts what was checked, and says a line for each engine. */
export class Checks {
  passed = 0;
  failed = 0;
  readonly #names: readonly string[];

  /** @param names Engines to run; all when empty. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Runs the checks of one engine, if it was asked for. What breaks is one failure, and does not keep the others. */
  async engine(name: string, work: (check: Engine) => Promise<void>): Promise<void> {
    const short = name.split(' ')[0] ?? name;
    if (this.#names.length > 0 && !this.#names.includes(short)) {
      return;
    }
    const engine = new Engine();
    const started = performance.now();
    try {
      await work(engine);
    } catch (error) {
      engine.failures.push(`could not run: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.passed += engine.passed;
    this.failed += engine.failures.length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const failures = engine.failures.length > 0 ? `, ${engine.failures.length} failed` : '';
    console.log(
      engine.skipped === undefined
        ? `${name}: ${engine.passed} passed${failures} (${seconds} s)`
        : `${name}: skipped: ${engine.skipped}`,
    );
    for (const failure of engine.failures) {
      console.log(`  FAILED ${failure}`);
    }
  }

  /** The line that a run ends with. */
  totals(): string {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}

/** The checks of one engine. */
export class Engine {
  passed = 0;
  skipped: string | undefined;
  readonly failures: string[] = [];

  /** Says why the engine is not tried here. */
  skip(reason: string): void {
    this.skipped = reason;
  }

  /** Checks that two values are the same, deeply; -0 and 0 are not. */
  same(what: string, received: unknown, expected: unknown): void {
    if (isDeepStrictEqual(received, expected)) {
      this.passed += 1;
    } else {
      this.failures.push(`${what}: ${difference(received, expected)}`);
    }
  }

  /** Checks that something holds. */
  holds(what: string, holds: boolean, otherwise = ''): void {
    if (holds) {
      this.passed += 1;
    } else {
      this.failures.push(`${what}${otherwise === '' ? '' : `: ${otherwise}`}`);
    }
  }
}

/** The first place at which two values differ. */
function difference(received: unknown, expected: unknown, path = ''): string {
  if (Array.isArray(received) && Array.isArray(expected) && received.length === expected.length) {
    const at = expected.findIndex((value, index) => !isDeepStrictEqual(received[index], value));
    return difference(received[at], expected[at], `${path}[${at}]`);
  }
  return `${path === '' ? '' : `at ${path} `}got ${shown(received)} instead of ${shown(expected)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
