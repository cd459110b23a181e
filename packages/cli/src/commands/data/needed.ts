import { ValidationError } from '@azureml-ts/common';
import type { CommandIo } from '../../io.ts';

/**
 * What an option says, or else a variable of the environment.
 *
 * @throws ValidationError (`VALIDATION`) naming both.
 */
export function needed(flag: string, value: string | undefined, env: CommandIo['env'], variable: string): string {
  const found = value || env[variable];
  if (!found) {
    throw new ValidationError({ path: flag, expected: 'given', message: `Give ${flag}, or set ${variable}.` });
  }
  return found;
}
