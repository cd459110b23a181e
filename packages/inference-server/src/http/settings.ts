import { ValidationError } from '@azureml-ts/common';

/** An option with its name. */
export type NamedOption<T> = readonly [name: string, value: T | undefined];

/** The value of a variable of the environment; an empty one is as if it were not set. */
export function textSetting(variable: string): string | undefined {
  return process.env[variable]?.trim() || undefined;
}

/** What an integer may be. */
export interface IntegerRule {
  readonly unit?: string;
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}

/**
 * An integer: the option, else the variable, else the default.
 *
 * @throws ValidationError `VALIDATION`, naming whichever gave the value.
 */
export function integerSetting([name, option]: NamedOption<number>, variable: string, rule: IntegerRule): number {
  const { unit, min, max, fallback } = rule;
  const text = textSetting(variable);
  if (option === undefined && text === undefined) {
    return fallback;
  }
  const value = option ?? Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ValidationError({
      path: option === undefined ? variable : name,
      expected: `an integer${unit === undefined ? '' : ` of ${unit}`} ${max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`}`,
      received: option ?? text,
    });
  }
  return value;
}

/**
 * A switch: the option, else the variable (`true` or `false`, in any case), else the default.
 *
 * @throws ValidationError `VALIDATION`, naming whichever gave the value.
 */
export function booleanSetting([name, option]: NamedOption<boolean>, variable: string, fallback: boolean): boolean {
  const text = textSetting(variable)?.toLowerCase();
  const value = option ?? (text === undefined ? fallback : text === 'true' ? true : text === 'false' ? false : text);
  if (typeof value !== 'boolean') {
    throw new ValidationError({
      path: option === undefined ? variable : name,
      expected: 'true or false',
      received: value,
    });
  }
  return value;
}
