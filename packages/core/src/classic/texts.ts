import { ValidationError } from '@azureml-ts/common';
import { isTextMap } from './configuration/rules.ts';

/**
 * Checks tags or properties that are to be added.
 *
 * @throws {@link ValidationError} `VALIDATION`; also when there are none.
 */
export function checkTexts(path: string, texts: unknown): void {
  if (isTextMap(texts) !== undefined || Object.keys(texts as object).length === 0) {
    throw new ValidationError({ path, expected: 'an object of strings with at least one entry', received: texts });
  }
}
