import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { processSingleton, ValidationError } from '@azureml-ts/common';
import { type Cell, encodeCell } from '../format/csv-encode.ts';
import type { CellEncoder } from '../format/encode-rows.ts';
import { inQuotes } from './describe-value.ts';
import { InvalidRows } from './invalid-rows.ts';

/**
 * What hides the values of a feature. It happens while a row is copied: the value itself is never kept, neither in memory
 * nor in the journal.
 *
 * | `redact` | does |
 * |---|---|
 * | `'drop'` | leaves the column out of the file; rows are given whole all the same, and the value is not looked at |
 * | `'hash'` | stores the HMAC-SHA256 of the cell's text under the key, as 64 hexadecimal digits |
 * | a function | its result takes the place of the value, and must be of the feature's type |
 *
 * `null` and `undefined` stay empty; the function is not asked about them. What the function throws makes the call
 * invalid, and is not shown: it may hold the value.
 */
export type Redaction = 'drop' | 'hash' | ((value: unknown) => unknown);

/** Keys are held as objects of the engine: printing or serialising one does not show it. */
export type RedactKey = KeyObject;

// All collectors of the process share it, also those of a second copy of this package, so that their hashes agree.
const randomKey = processSingleton('redact-key', 1, () => ({ key: createSecretKey(randomBytes(32)) }));

/**
 * Takes the key of hashed features.
 *
 * @param key Text (its UTF-8 bytes) or bytes; a random key of this process when left out.
 * @throws ValidationError (`VALIDATION`) when it is empty or neither text nor bytes. The key itself is never shown.
 */
export function readRedactKey(key: string | Uint8Array | undefined): RedactKey {
  if (key === undefined) {
    return randomKey.key;
  }
  if ((typeof key !== 'string' && !(key instanceof Uint8Array)) || key.length === 0) {
    throw new ValidationError({ path: 'redactKey', expected: 'a text or bytes, at least one' });
  }
  return createSecretKey(Buffer.from(key as Uint8Array));
}

/**
 * The hash of a cell: HMAC-SHA256 of its text in UTF-8, without the quotes that the text may have in the file.
 *
 * @param key The key.
 * @param cell The cell; an empty one stays empty.
 * @param encoder How cells of its type become text.
 */
export function hashCell(key: RedactKey, cell: Cell, encoder: CellEncoder | undefined): Cell {
  if (cell === null || cell === undefined) {
    return cell;
  }
  const text = typeof cell === 'string' ? cell : (encoder ?? encodeCell)(cell);
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}

/**
 * Asks the function of a feature.
 *
 * @param name The feature, for the message.
 * @param redact The function.
 * @param value What came.
 * @throws InvalidRows when it throws or returns a promise.
 */
export function redactValue(name: string, redact: (value: unknown) => unknown, value: unknown): unknown {
  let result: unknown;
  let isPromise = false;
  try {
    result = redact(value);
    isPromise = typeof (result as { then?: unknown } | null | undefined)?.then === 'function';
    if (isPromise) {
      // Nobody waits for it; when it is rejected, that must not end the process.
      Promise.resolve(result).catch(() => undefined);
    }
  } catch {
    throw new InvalidRows(
      undefined,
      `the redact function of column ${inQuotes(name)} failed; what it threw is not shown, because it may hold the value`,
    );
  }
  if (isPromise) {
    throw new InvalidRows(
      undefined,
      `the redact function of column ${inQuotes(name)} must return the value itself, but returned a promise`,
    );
  }
  return result;
}
