import { ValidationError } from '@azureml-ts/common';

/**
 * Checks the path of a file to write: names with slashes between them, below the target.
 *
 * @throws ValidationError (`VALIDATION`) when a name is empty, `.` or `..`, ends with a dot, or holds a backslash or a
 *   control character; when the path is empty or longer than 1,024 characters.
 */
export function checkSinkPath(path: unknown, name = 'path'): string {
  const isUsable =
    typeof path === 'string' &&
    path.length <= 1_024 &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    !/[\\\u0000-\u001f\u007f]|\p{Surrogate}/u.test(path) &&
    // The service cuts dots off the end of a folder, so two names would meet at one path.
    path.split('/').every((part) => part !== '' && part.length <= 255 && !part.endsWith('.'));
  if (!isUsable) {
    throw new ValidationError({
      path: name,
      expected:
        'a relative path of at most 1024 characters: names with slashes between them, none of them empty or ending with a dot, without backslashes and control characters',
      received: path,
    });
  }
  return path;
}
