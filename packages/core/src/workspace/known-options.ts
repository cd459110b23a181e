import { ValidationError } from '@azureml-ts/common';

/**
 * Refuses options that do not exist: a slip such as `credentials` would otherwise do something else without a word.
 *
 * @param options As given.
 * @param known Names of those that exist.
 * @param example What an object of options looks like, for callers without types who pass something else.
 * @throws {@link ValidationError} `VALIDATION`.
 */
export function checkOptionNames(options: unknown, known: readonly string[], example: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: `an object such as ${example}`, received: options });
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ValidationError({
        path: name,
        expected: `one of ${known.join(', ')}`,
        message: `There is no option "${name}". Use one of: ${known.join(', ')}.`,
      });
    }
  }
}
