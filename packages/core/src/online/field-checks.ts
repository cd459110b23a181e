import type { DeploymentFault } from '../errors.ts';

/** Collects what is wrong with settings that may hold anything. Values that may be secrets are never quoted. */
export class FieldChecks {
  /** Everything that is wrong. */
  readonly faults: DeploymentFault[] = [];

  /** Notes a fault. */
  add(path: string, message: string): void {
    this.faults.push({ path, message });
  }

  /** A whole number in a range. */
  whole(path: string, value: unknown, from: number, to = 2_147_483_647): void {
    if (isGiven(value) && !(Number.isInteger(value) && (value as number) >= from && (value as number) <= to)) {
      this.add(path, `must be a whole number from ${from} to ${to}, but is ${typed(value)}`);
    }
  }

  /** A share, 0 to 1. */
  share(path: string, value: unknown): void {
    if (isGiven(value) && !(typeof value === 'number' && value >= 0 && value <= 1)) {
      this.add(path, `must be a number from 0 to 1, but is ${typed(value)}`);
    }
  }

  /** `true` or `false`. */
  flag(path: string, value: unknown): void {
    if (isGiven(value) && typeof value !== 'boolean') {
      this.add(path, `must be true or false, but is ${typed(value)}`);
    }
  }

  /** A text. */
  text(path: string, value: unknown): void {
    if (isGiven(value) && typeof value !== 'string') {
      this.add(path, `must be a text, but is ${typed(value)}`);
    }
  }

  /** One of some words. */
  word(path: string, value: unknown, words: readonly string[]): void {
    if (isGiven(value) && !words.includes(value as string)) {
      this.add(
        path,
        `must be one of ${words.join(', ')}, but is ${typeof value === 'string' ? `"${value}"` : typed(value)}`,
      );
    }
  }

  /**
   * An object with known fields.
   *
   * @param names Its fields; default any.
   * @returns The fields to check further; none when it is not given or no object.
   */
  object(path: string, value: unknown, names?: readonly string[]): Record<string, unknown> {
    if (value === undefined) {
      return {};
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(path, `must be an object, but is ${typed(value)}`);
      return {};
    }
    const fields = value as Record<string, unknown>;
    for (const [name, field] of Object.entries(fields)) {
      if (names !== undefined && field !== undefined && !names.includes(name)) {
        this.add(`${path}.${name}`, `is not known; known are ${names.join(', ')}`);
      }
    }
    return fields;
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A value's type and, where it cannot be a secret, the value. */
function typed(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'number' || typeof value === 'boolean'
        ? `the ${typeof value} ${value}`
        : value === ''
          ? 'empty'
          : `of type ${typeof value}`;
}
