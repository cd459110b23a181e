import { createHash } from 'node:crypto';
import { MAX_KEY_CHARACTERS } from './limits.ts';

const CUT_MARK = '… [truncated]';

/** Shortens a text to a number of characters, with a mark at its end; never between the halves of a character. @internal */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) {
    return text;
  }
  const mark = maxCharacters > 4 * CUT_MARK.length ? CUT_MARK : '';
  return wholeCharacters(text, maxCharacters - mark.length) + mark;
}

function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/**
 * Replaces a text that is too long by a JSON document that says so: `{"$truncated":true,"bytes":N,"preview":"..."}`.
 *
 * @param maxBytes Size of the document at most, in bytes of UTF-8; 100 or more.
 * @internal
 */
export function previewOf(text: string, bytes: number, maxBytes: number): string {
  const document = (preview: string) => JSON.stringify({ $truncated: true, bytes, preview });
  let left = maxBytes - Buffer.byteLength(document(''));
  let end = 0;
  for (const character of text) {
    // Escapes count: a line break takes two bytes inside a document.
    left -= Buffer.byteLength(JSON.stringify(character)) - 2;
    if (left < 0) {
      break;
    }
    end += character.length;
  }
  return document(text.slice(0, end));
}

/** Shortens a property name; two long names that begin alike stay two. @internal */
export function cutKey(key: string): string {
  if (key.length <= MAX_KEY_CHARACTERS) {
    return key;
  }
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return `${wholeCharacters(key, MAX_KEY_CHARACTERS - 9)}~${hash}`;
}
