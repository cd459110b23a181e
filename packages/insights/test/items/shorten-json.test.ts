import fc from 'fast-check';
import { shortenJson } from '../../src/items/shorten-json.ts';

/** Texts with characters of one to four bytes, escapes, and halves that belong to no character. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .tuple(fc.constantFrom('a', '"', '\n', '\u0000', 'é', '漢', '😀', '👩‍🔬'), fc.nat(3_000))
    .map(([c, n]) => c.repeat(n)),
);

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.oneof(fc.string(), text), tie('value'), { maxKeys: 20 }),
  ),
})).value;

/** What JSON makes of a value. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('shortenJson', () => {
  it('leaves alone what fits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const whole = JSON.stringify(value);
        const shortened = shortenJson(value, Math.max(4, Buffer.byteLength(whole)));
        // Only property names of more than 150 characters are cut all the same.
        expect(shortened).toBe(whole);
      }),
    );
  });

  it('always gives valid JSON within the limit, never splits a character, and marks what it left out', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 4, max: 9_000 }), (value, maxBytes) => {
        const shortened = shortenJson(value, maxBytes);
        expect(Buffer.byteLength(shortened)).toBeLessThanOrEqual(maxBytes);
        const kept: unknown = JSON.parse(shortened);
        if (shortened !== 'null') {
          expectPartOf(kept, asJson(value));
        }
      }),
      // Making the counterexample smaller would take minutes: the values are large.
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('cuts long texts and long lists first, and keeps the keys', () => {
    const value = {
      id: 7,
      text: 'x'.repeat(100_000),
      rows: Array.from({ length: 50_000 }, (_, i) => [i, i / 2]),
      last: true,
    };
    const kept = JSON.parse(shortenJson(value, 8_000));

    expect(Object.keys(kept)).toEqual(['id', 'text', 'rows', 'last']);
    expect(kept).toMatchObject({ id: 7, last: true });
    expect(kept.text).toMatch(/^x+… \[\+\d+ characters\]$/);
    expect(kept.rows.slice(0, 2)).toEqual([
      [0, 0],
      [1, 0.5],
    ]);
    expect(kept.rows.at(-1)).toEqual({ $more: 50_000 - (kept.rows.length - 1) });
  });

  it('uses the room that there is', () => {
    for (const value of [
      'é'.repeat(50_000),
      { a: 1, text: 'x'.repeat(50_000) },
      Array.from({ length: 50_000 }, (_, i) => i),
      { list: Array.from({ length: 50_000 }, () => ({ a: 1, b: 'two' })) },
      { inside: Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, i])) },
    ]) {
      expect(Buffer.byteLength(shortenJson(value, 8_000))).toBeGreaterThan(6_400);
    }
  });

  it('keeps the keys of the outermost object when there is room for nothing else', () => {
    const value = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`key${i}`, { deep: [{ er: 'x'.repeat(500) }] }]),
    );

    expect(Object.keys(JSON.parse(shortenJson(value, 600)))).toEqual(Object.keys(value));
  });

  it('takes what is deeper than any stack', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`);

    expect(() => JSON.parse(shortenJson(deep, 8_000))).not.toThrow();
  });
});

/** Checks that a value is part of the original, and that each place where something is missing is marked. */
function expectPartOf(kept: unknown, original: unknown): void {
  if (typeof original === 'string') {
    expectCut(kept, original);
  } else if (Array.isArray(original)) {
    const list = kept as unknown[];
    const mark = list.at(-1) as { $more?: number } | undefined;
    const isCut =
      list.length !== original.length || (mark?.$more !== undefined && original.at(-1)?.$more === undefined);
    const entries = isCut ? list.slice(0, -1) : list;
    if (isCut) {
      expect(mark).toEqual({ $more: original.length - entries.length });
    }
    for (const [index, entry] of entries.entries()) {
      expectPartOf(entry, original[index]);
    }
  } else if (typeof original === 'object' && original !== null) {
    const { $moreKeys = 0, ...fields } = kept as Record<string, unknown>;
    const names = Object.keys(original);
    expect(Object.keys(fields).length + Number($moreKeys)).toBe(names.length);
    for (const name of Object.keys(fields)) {
      if (name in original) {
        expectPartOf(fields[name], (original as Record<string, unknown>)[name]);
      } else {
        expect(name).toMatch(/~\d+$/);
      }
    }
  } else {
    expect(kept).toEqual(original);
  }
}

function expectCut(kept: unknown, original: string): void {
  const cut = /^(.*)… \[\+(\d+) characters\]$/s.exec(String(kept));
  if (kept === original || cut === null) {
    expect(kept).toBe(original);
    return;
  }
  const [, head = '', left] = cut;
  expect(original.startsWith(head)).toBe(true);
  expect(head.length + Number(left)).toBe(original.length);
  // The rest does not begin with the second half of a character.
  const last = head.charCodeAt(head.length - 1);
  expect(last >= 0xd800 && last <= 0xdbff && isLowHalf(original.charCodeAt(head.length))).toBe(false);
}

function isLowHalf(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
