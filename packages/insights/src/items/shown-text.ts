import { redactSecrets } from '@azureml-ts/common';
import { jsonPiece } from './json-bytes.ts';
import { cutText } from './shorten.ts';

/** Names and addresses come again and again; so many of them are remembered, and no longer ones. */
const MAX_KNOWN = 256;
const MAX_KNOWN_CHARACTERS = 512;

const known = new Map<string, ShownText>();

/** A name or an address, without secrets. @internal */
export class ShownText {
  readonly #text: string;
  #characters = -1;
  #json = jsonPiece('');

  constructor(text: string) {
    this.#text = redactSecrets(text);
  }

  /** Its JSON, shortened to a number of characters. */
  within(maxCharacters: number): Uint8Array {
    if (maxCharacters !== this.#characters) {
      this.#json = jsonPiece(JSON.stringify(cutText(this.#text, maxCharacters)));
      this.#characters = maxCharacters;
    }
    return this.#json;
  }
}

/** A name or an address as it is shown: its secrets are looked for once. @internal */
export function shownText(text: string): ShownText {
  const seen = known.get(text);
  if (seen !== undefined) {
    return seen;
  }
  const shown = new ShownText(text);
  if (text.length <= MAX_KNOWN_CHARACTERS) {
    if (known.size >= MAX_KNOWN) {
      known.clear();
    }
    known.set(text, shown);
  }
  return shown;
}
