/** What stands in a text where a secret stood. */
export const REDACTED = '[redacted]';

const SECRETS: readonly [pattern: RegExp, replacement: string][] = [
  // Parts of a storage connection string.
  [/\b(AccountKey|SharedAccessSignature|SharedAccessKey)\s*=\s*[^;\s"']+/gi, `$1=${REDACTED}`],
  // The signature of a shared access signature; the rest of it says what it allows and is worth keeping.
  [/([?&;]|\b)(sig)=[A-Za-z0-9%+/=_-]+/gi, `$1$2=${REDACTED}`],
  [/\b(Bearer|SharedKey(?:Lite)?|Basic)\s+[A-Za-z0-9+/=._~:-]{8,}/g, `$1 ${REDACTED}`],
  // A named secret, in JSON or as name=value; quotes around it stay, so that JSON stays JSON.
  [
    /(\b(?:password|client_?secret|accountKey|sharedAccessKey|primaryKey|secondaryKey|access_?token|api_?key)\\?["']?\s*[:=]\s*)(?:(\\?["'])[^"'\\\n]{1,2000}|[^\s"'\\,;&}]+)/gi,
    `$1$2${REDACTED}`,
  ],
  // user:password@ in a URL.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^/\s:@]+):[^/\s@]+@/gi, `$1:${REDACTED}@`],
];

/**
 * A run of words and dots, in which a JSON web token may stand by itself. Looked at as a whole: to begin at each `eyJ` would
 * take a time that grows with the square of the text, and a repeated group would take more stack than there is.
 */
const WORDS = /[\w-][\w.-]*/g;

/**
 * Takes account keys, shared access signatures, tokens and passwords out of a text.
 *
 * Every message, log line and inspected error of azureml-ts goes through this function, so that a text which quotes a
 * connection string or a URL can be shown to anybody.
 *
 * @param text Any text.
 * @returns The same text with {@link REDACTED} in place of each secret.
 * @example
 * ```ts
 * import { redactSecrets } from '@azureml-ts/common';
 *
 * console.log(redactSecrets('AccountName=a;AccountKey=c2VjcmV0;')); // AccountName=a;AccountKey=[redacted];
 * ```
 */
export function redactSecrets(text: string): string {
  let result = text;
  for (const [pattern, replacement] of SECRETS) {
    result = result.replace(pattern, replacement);
  }
  return result.includes('eyJ') ? result.replace(WORDS, withoutWebToken) : result;
}

/** Masks a token from its header on: a header and a payload are enough, what follows may be cut off. */
function withoutWebToken(words: string): string {
  let start = 0;
  const parts = words.split('.');
  for (const [at, part] of parts.entries()) {
    const header = /(?:^|-)(?=eyJ[\w-]{6})/.exec(part);
    if (header !== null && (parts[at + 1]?.length ?? 0) >= 6) {
      return `${words.slice(0, start + header.index + header[0].length)}${REDACTED}`;
    }
    start += part.length + 1;
  }
  return words;
}
