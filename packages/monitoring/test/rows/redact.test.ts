import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { checkFeatures, compileFeatures, type Feature } from '../../src/rows/features.ts';
import type { Redaction } from '../../src/rows/redact.ts';

const KEY = 'the key of these tests';
const SECRET = 'Mallory 4711';

function compile(feature: Omit<Feature, 'name'>, redactKey: string | Uint8Array | undefined = KEY) {
  const features = checkFeatures([
    { name: 'ssn', ...feature },
    { name: 'other', type: 'string' },
  ]);
  return compileFeatures(features, { redactKey });
}

function fault(feature: Omit<Feature, 'name'>, value: unknown): string {
  try {
    compile(feature).convert[0]?.(value);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidRows' });
    // Neither in the message nor anywhere behind it.
    expect(inspect(error, { depth: 5, showHidden: true })).not.toContain(SECRET);
    return (error as Error).message;
  }
  throw new Error('The value was taken.');
}

const hmac = (text: string, key: string | Uint8Array = KEY) => createHmac('sha256', key).update(text).digest('hex');

describe("redact: 'drop'", () => {
  it('stores no such column, and does not look at the value', () => {
    const { storedNames, convert } = compile({ type: 'int32', redact: 'drop' });
    expect(storedNames).toEqual(['other']);
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('looked at');
        },
      },
    );
    expect([SECRET, trap, Symbol('x')].map((value) => convert[0]?.(value))).toEqual([undefined, undefined, undefined]);
  });
});

describe("redact: 'hash'", () => {
  it.each<[Omit<Feature, 'name'>, unknown, string]>([
    [{ type: 'string' }, 'say "hi", ü', 'say "hi", ü'],
    [{ type: 'string' }, '', ''],
    [{ type: 'float64' }, 5, '5.0'],
    [{ type: 'float32' }, 0.1, '0.1'],
    [{ type: 'int64' }, 2n ** 60n, '1152921504606846976'],
    [{ type: 'boolean' }, true, 'true'],
    [{ type: 'date' }, new Date(0), '1970-01-01'],
    [{ type: 'timestamp' }, new Date(0), '1970-01-01T00:00:00.000Z'],
    [{ type: 'enum', values: ['a'] }, 'a', 'a'],
  ])('of %p: %p is the HMAC-SHA256 of its text', (feature, value, text) => {
    expect(compile({ ...feature, redact: 'hash' }).convert[0]?.(value)).toBe(hmac(text));
  });

  it('leaves nothing empty, and stores a text whatever the type', () => {
    const { convert, encoders } = compile({ type: 'float64', redact: 'hash' });
    expect([convert[0]?.(null), convert[0]?.(undefined)]).toEqual([null, null]);
    expect(encoders).toEqual([undefined, undefined]);
  });

  it('agrees wherever the key agrees, as text or as bytes, and nowhere else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (key, value) => {
        const hash = compile({ type: 'string', redact: 'hash' }, key).convert[0]?.(value);
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        expect(compile({ type: 'string', redact: 'hash' }, Buffer.from(key)).convert[0]?.(value)).toBe(hash);
        expect(compile({ type: 'string', redact: 'hash' }, `${key}x`).convert[0]?.(value)).not.toBe(hash);
      }),
    );
  });

  it('keeps the key as it was when the bytes change later', () => {
    const key = Buffer.from(KEY);
    const { convert } = compile({ type: 'string', redact: 'hash' }, key);
    key.fill(0);
    expect(convert[0]?.('a')).toBe(hmac('a'));
  });

  it('takes a key of this process when there is none, the same for all collectors, and says so', () => {
    const [one, two] = [1, 2].map(() =>
      compileFeatures([{ name: 'a', type: 'string', redact: 'hash' }], { redactKey: undefined }),
    );
    expect(one?.usesRandomKey).toBe(true);
    expect(one?.convert[0]?.('a')).toBe(two?.convert[0]?.('a'));
    expect(one?.convert[0]?.('a')).not.toBe(hmac('a', ''));
    expect(compile({ type: 'string', redact: 'hash' }).usesRandomKey).toBe(false);
    expect(compileFeatures([{ name: 'a', type: 'string' }], { redactKey: undefined }).usesRandomKey).toBe(false);
  });

  it('never shows the key', () => {
    const compiled = compile({ type: 'string', redact: 'hash' });
    const shown = inspect(compiled, { depth: 10, showHidden: true }) + JSON.stringify(compiled);
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain(Buffer.from(KEY).toString('hex'));
    for (const wrong of ['', new Uint8Array(0), 4711 as unknown as string]) {
      expect(() => compile({ type: 'string', redact: 'hash' }, wrong)).toThrow(
        expect.objectContaining({ code: 'VALIDATION', path: 'redactKey', message: expect.not.stringMatching(/4711/) }),
      );
    }
  });

  it('never shows a value that is not of the type', () => {
    expect(fault({ type: 'int32', redact: 'hash' }, SECRET)).toMatch(
      /column "ssn" must be an integer.*, but is a text$/,
    );
    expect(fault({ type: 'string', redact: 'hash' }, 4711)).toMatch(/but is a number$/);
    expect(fault({ type: 'enum', values: ['a'], redact: 'hash' }, SECRET)).toMatch(/one of "a", but is a text$/);
  });
});

describe('redact: a function', () => {
  const cut: Redaction = (value) => String(value).slice(0, 2);

  it('takes the place of the value, which then has to be of the type', () => {
    expect(compile({ type: 'string', redact: cut }).convert[0]?.(SECRET)).toBe('Ma');
    expect(compile({ type: 'int32', redact: (value) => Math.round(Number(value) / 10) * 10 }).convert[0]?.(47)).toBe(
      50,
    );
    expect(compile({ type: 'string', redact: () => undefined }).convert[0]?.(SECRET)).toBeNull();
    expect(fault({ type: 'int32', redact: () => SECRET }, 47)).toMatch(/must be an integer.*, but is a text$/);
  });

  it('is not asked about nothing', () => {
    const { convert } = compile({ type: 'string', redact: cut });
    expect([convert[0]?.(null), convert[0]?.(undefined)]).toEqual([null, null]);
  });

  it('makes the call invalid when it throws, without what it threw', () => {
    const failing: Redaction = (value) => {
      throw new Error(`cannot cut ${value}`);
    };
    expect(fault({ type: 'string', redact: failing }, SECRET)).toMatch(/redact function of column "ssn" failed/);
    const stranger: Redaction = (value) => {
      throw value;
    };
    expect(fault({ type: 'string', redact: stranger }, SECRET)).toMatch(/failed/);
  });

  it('must not be asynchronous; a rejection of its promise ends nothing', async () => {
    const rejected: unknown[] = [];
    const onRejection = (reason: unknown) => rejected.push(reason);
    process.on('unhandledRejection', onRejection);
    try {
      const late: Redaction = async (value) => {
        throw new Error(`late ${value}`);
      };
      expect(fault({ type: 'string', redact: late }, SECRET)).toMatch(/returned a promise/);
      // Unhandled rejections are told before the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      expect(rejected).toEqual([]);
    } finally {
      process.off('unhandledRejection', onRejection);
    }
  });
});
