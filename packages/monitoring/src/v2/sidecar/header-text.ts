import { wellFormed } from '../frame/json-text.ts';

/** What a header can hold as it is: printable Latin-1, without blanks at its ends, which receivers cut off. */
const PLAIN = /^(?:[!-~\xa0-\xff](?:[\t -~\xa0-\xff]*[!-~\xa0-\xff])?)?$/;
/** Names of headers. Source: RFC 9110, token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * A value for a header. One that a header cannot hold is percent-encoded as a whole: UTF-8, everything but printable ASCII,
 * and the blank, `"` and `%`. Source: CloudEvents 1.0, HTTP protocol binding, 3.1.3.2.
 *
 * The same text always gives the same value, so that records of one context still share it.
 */
export function headerValue(text: string): string {
  return PLAIN.test(text) ? text : percentEncoded(text);
}

/** Whether a text can be (the end of) the name of a header. */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text);
}

function percentEncoded(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(wellFormed(text))) {
    const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
