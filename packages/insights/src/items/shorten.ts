import { nodeCrypto } from '../node-modules.ts';
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

/** The first characters of a text, without half a character at the end. @internal */
export function wholeCharacters(text: string, length: number): string {
  if (length <= 0) {
    return '';
  }
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** Shortens a property name; two long names that begin alike stay two. @internal */
export function cutKey(key: string): string {
  if (key.length <= MAX_KEY_CHARACTERS) {
    return key;
  }
  const hash = nodeCrypto().createHash('sha256').update(key).digest('hex').slice(0, 8);
  return `${wholeCharacters(key, MAX_KEY_CHARACTERS - 9)}~${hash}`;
}
