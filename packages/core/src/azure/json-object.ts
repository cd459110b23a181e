import { AzuremlError } from '@azureml-ts/common';
import { INVALID_HINT } from './request-failure.ts';

/** A JSON object with fields that are not all known here. */
export type JsonObject = { [name: string]: unknown };

/** Whether a value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** A number that is kept as it was written, because JavaScript would write it in another way. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** Node has them since version 21, TypeScript's library does not know them yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): boolean;
};

/** Keeps a number as it is written. */
export function rawNumber(text: string): RawNumber {
  return rawJSON(text);
}

/** Whether a value is a {@link RawNumber}. */
export function isRawNumber(value: unknown): value is RawNumber {
  return isRawJSON(value);
}

/**
 * Takes a value as a JSON object.
 *
 * @param value Part of an answer.
 * @param what Names the answer, for the error.
 * @throws `INVALID_ANSWER` when it is something else.
 */
export function asJsonObject(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) {
    throw new AzuremlError('INVALID_ANSWER', `${what} is not a JSON object. ${INVALID_HINT}`);
  }
  return value;
}

/** The text at a path of an object; `undefined` where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The value at a path of an object; `undefined` where there is none. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isJsonObject(current)) {
      return undefined;
    }
    current = current[name];
  }
  return current;
}
