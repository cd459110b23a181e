import { cutText, wholeCharacters } from './shorten.ts';

/** Room for the mark of a cut text: a text that is longer by less than that stays whole. */
const MARK_ROOM = 24;
/** Far from the end of the stack, and deeper than what anybody reads in a preview. */
const MAX_DEPTH = 50;
const MAX_KEY_CHARACTERS = 150;

/** What is kept of a value. */
interface Kept {
  /** Characters of a text. */
  readonly text: number;
  /** Entries of a list. */
  readonly list: number;
  /** Fields of an object inside another value. */
  readonly keys: number;
  /** Levels: below the last one, objects and lists are empty but for their mark. */
  readonly depth: number;
  /** Fields of the outermost object. */
  readonly topKeys: number;
}

const ALL: Kept = { text: 8192, list: 4096, keys: 4096, depth: MAX_DEPTH, topKeys: 4096 };

/** Lengths to try for lists and objects, and for texts, where each character counts; the longest first. */
const SIZES = Array.from({ length: 48 }, (_, index) => Math.floor(4096 / 1.2 ** index)).filter((size) => size > 0);
const TEXT_SIZES = Array.from({ length: 8193 }, (_, index) => 8192 - index);

/** Texts and lists first, then fields inside, then whole levels, and only at the end the fields of the outermost object. */
const STEPS: readonly Kept[] = steps();

function steps(): Kept[] {
  const made: Kept[] = [ALL];
  const tighten = (change: Partial<Kept>) => made.push({ ...(made.at(-1) ?? ALL), ...change });
  for (const size of [4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1]) {
    tighten({ text: Math.max(16, 4 * size), list: size });
  }
  for (const keys of [256, 128, 64, 32, 16, 8]) {
    tighten({ keys });
  }
  for (const depth of [16, 8, 6, 4, 3, 2, 1]) {
    tighten({ depth });
  }
  for (const topKeys of [256, 128, 64, 32, 16, 8, 4, 2, 1]) {
    tighten({ topKeys });
  }
  tighten({ text: 0, topKeys: 0, list: 0 });
  return made;
}

/**
 * Shortens a JSON value so that its text fits: always valid JSON, never longer than asked, no character split.
 *
 * Long texts and long lists are cut first; keys stay for as long as there is room for them. Marks say what was left out:
 * `… [+12 characters]` at the end of a text, `{"$more":12}` at the end of a list, `"$moreKeys":12` in an object.
 *
 * @param value What JSON can hold; `undefined` counts as in `JSON.stringify`.
 * @param maxBytes Size of the text at most, in bytes of UTF-8; 4 or more.
 * @returns The text; `null` when not even the marks fit.
 * @internal
 */
export function shortenJson(value: unknown, maxBytes: number): string {
  const keys: KeyLists = new Map();
  const write = (kept: Kept) => new BoundedWriter(kept, maxBytes, keys).write(value);
  const at = firstThatFits(STEPS.length, (step) => write(STEPS[step] ?? ALL) !== undefined);
  let kept = STEPS[at];
  if (kept === undefined) {
    return 'null';
  }
  // What was not to blame gets its room back.
  for (const dimension of ['text', 'list', 'keys'] as const) {
    const from: Kept = kept;
    const sizes = dimension === 'text' ? TEXT_SIZES : SIZES;
    const looser = sizes.slice(
      0,
      sizes.findIndex((size) => size <= from[dimension]),
    );
    const size =
      looser[firstThatFits(looser.length, (at) => write({ ...from, [dimension]: looser[at] }) !== undefined)];
    kept = { ...from, [dimension]: size ?? from[dimension] };
  }
  return write(kept) ?? write(STEPS[at] ?? ALL) ?? 'null';
}

/** The lowest number below `end` that fits, when those above a fitting one fit too; `end` when none was seen to. */
function firstThatFits(end: number, fits: (index: number) => boolean): number {
  // Most often nothing is to blame but one kind.
  if (end > 0 && fits(0)) {
    return 0;
  }
  let low = Math.min(1, end);
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

/** The names of an object's fields, read once: there may be very many. */
type KeyLists = Map<object, readonly string[]>;

/** Writes JSON of what is kept, and stops when it gets too long: large values cost no more than small ones. */
class BoundedWriter {
  readonly #kept: Kept;
  readonly #keys: KeyLists;
  #left: number;
  #text = '';

  constructor(kept: Kept, maxBytes: number, keys: KeyLists) {
    this.#kept = kept;
    this.#keys = keys;
    this.#left = maxBytes;
  }

  /** @returns The text, or `undefined` when it is too long. */
  write(value: unknown): string | undefined {
    return this.#value(value, 0) ? this.#text : undefined;
  }

  #value(value: unknown, depth: number): boolean {
    if (typeof value === 'string') {
      return this.#put(JSON.stringify(cutWithCount(value, this.#kept.text)));
    }
    if (Array.isArray(value)) {
      return this.#list(value, depth);
    }
    return typeof value === 'object' && value !== null
      ? this.#object(value as Record<string, unknown>, depth)
      : this.#put(JSON.stringify(value) ?? 'null');
  }

  #list(list: readonly unknown[], depth: number): boolean {
    const { list: most, depth: levels } = this.#kept;
    const count = depth >= levels ? 0 : Math.min(list.length, most);
    let fits = this.#put('[');
    for (let index = 0; fits && index < count; index++) {
      fits = (index === 0 || this.#put(',')) && this.#value(list[index], depth + 1);
    }
    const left = list.length - count;
    return fits && (left === 0 || this.#put(`${count === 0 ? '' : ','}{"$more":${left}}`)) && this.#put(']');
  }

  #object(object: Readonly<Record<string, unknown>>, depth: number): boolean {
    const { keys: mostInside, topKeys, depth: levels } = this.#kept;
    const keys = this.#keysOf(object);
    const count = depth >= levels ? 0 : Math.min(keys.length, depth === 0 ? topKeys : mostInside);
    let fits = this.#put('{');
    for (let index = 0; fits && index < count; index++) {
      const key = keys[index] ?? '';
      fits =
        this.#put(`${index === 0 ? '' : ','}${JSON.stringify(shownKey(key, index))}:`) &&
        this.#value(object[key], depth + 1);
    }
    const left = keys.length - count;
    return fits && (left === 0 || this.#put(`${count === 0 ? '' : ','}"$moreKeys":${left}`)) && this.#put('}');
  }

  #keysOf(object: Readonly<Record<string, unknown>>): readonly string[] {
    const known = this.#keys.get(object);
    if (known !== undefined) {
      return known;
    }
    const keys = Object.keys(object).filter((key) => object[key] !== undefined);
    this.#keys.set(object, keys);
    return keys;
  }

  #put(piece: string): boolean {
    this.#left -= Buffer.byteLength(piece);
    this.#text += piece;
    return this.#left >= 0;
  }
}

function cutWithCount(text: string, characters: number): string {
  if (text.length <= characters + MARK_ROOM) {
    return text;
  }
  const head = wholeCharacters(text, characters);
  return `${head}… [+${text.length - head.length} characters]`;
}

/** Two long names that begin alike stay two. */
function shownKey(key: string, index: number): string {
  return key.length <= MAX_KEY_CHARACTERS ? key : `${cutText(key, MAX_KEY_CHARACTERS)}~${index}`;
}
