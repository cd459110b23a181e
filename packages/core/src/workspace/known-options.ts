import { ValidationError } from '@azureml-ts/common';

/**
 * Refuses options that do not exist: a slip such as `credentials` would otherwise do something else without a word.
 *
 * @param options As given.
 * @param known Names of those that exist.
 * @param example What an object of options looks like, for callers without types who pass something else.
 * @param path Where the options stand in those of the caller. Default: they are those of the caller.
 * @throws {@link ValidationError} `VALIDATION`.
 */
export function checkOptionNames(options: unknown, known: readonly string[], example: string, path?: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: path ?? 'options', expected: `an object such as ${example}`, received: options });
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const full = path === undefined ? name : `${path}.${name}`;
      throw new ValidationError({
        path: full,
        expected: `one of ${known.join(', ')}`,
        message: `There is no option "${full}". Use one of: ${known.join(', ')}.`,
      });
    }
  }
}
