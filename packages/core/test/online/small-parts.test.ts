import fc from 'fast-check';
import { changedCollector, isCollecting } from '../../src/online/data-collector.ts';
import { parseExactly } from '../../src/online/exact-json.ts';
import { fieldChanges, isRollingChange } from '../../src/online/field-changes.ts';
import { durationMs, isoDuration } from '../../src/online/iso-duration.ts';
import { isSameJson } from '../../src/online/same-json.ts';

describe('durations', () => {
  it('come back as they went, whatever the number of milliseconds', () => {
    fc.assert(fc.property(fc.nat(), (ms) => durationMs(isoDuration(ms)) === ms));
  });

  it.each([
    ['PT5S', 5_000],
    ['PT0.5S', 500],
    ['PT1H2M3.5S', 3_723_500],
    ['P1DT1S', 86_401_000],
    ['P', undefined],
    ['PT', undefined],
    ['5000', undefined],
    [undefined, undefined],
  ])('are read as the service writes them: %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});

describe('JSON that goes back', () => {
  it('is the same text for any JSON of numbers that JavaScript holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        return JSON.stringify(parseExactly(text)) === text;
      }),
    );
  });

  it('keeps numbers as they are written', () => {
    const text = '[1e400,0.12345678901234567890,1e-400,-0.0,-0,1.0,1E5,9007199254740993,{"a":1.50}]';
    expect(JSON.stringify(parseExactly(text))).toBe(text);
  });

  it('keeps whole numbers that JavaScript does not hold, and takes a byte order mark and nothing', () => {
    const text = '{"a":[9007199254740993,1.5,-12345678901234567890]}';
    expect(JSON.stringify(parseExactly(`\uFEFF${text}`))).toBe(text);
    expect(parseExactly('')).toBeUndefined();
  });
});

describe('the data collector', () => {
  it('makes the usual collections only where there are none', () => {
    const usual = {
      collections: {
        model_inputs: { dataCollectionMode: 'Enabled', samplingRate: 1 },
        model_outputs: { dataCollectionMode: 'Enabled', samplingRate: 1 },
      },
    };

    expect(changedCollector(undefined, true)).toEqual(usual);
    expect(changedCollector(null, { rollingRate: 'Day' })).toEqual({ ...usual, rollingRate: 'Day' });
    expect(changedCollector({ collections: {} }, true)).toEqual(usual);
    expect(changedCollector(undefined, { collections: { mine: {} } })).toEqual({
      collections: { mine: { dataCollectionMode: 'Enabled' } },
    });
  });

  it('keeps what is on or off as it is when an object says nothing of it', () => {
    const collector = { collections: { a: { dataCollectionMode: 'Disabled', future: 1 }, b: null } };

    expect(changedCollector(collector, { rollingRate: 'Day' })).toEqual({ ...collector, rollingRate: 'Day' });
    expect(changedCollector(collector, { collections: { a: { samplingRate: 0 } } })).toEqual({
      collections: { a: { dataCollectionMode: 'Disabled', future: 1, samplingRate: 0 }, b: null },
    });
    expect(changedCollector(collector, { collections: { c: { enabled: false } } })).toMatchObject({
      collections: { c: { dataCollectionMode: 'Disabled' } },
    });
  });

  it('stays what it was when it is switched off without being there, or is off', () => {
    const off = { collections: { a: {}, b: null, c: { dataCollectionMode: 'disabled' } } };

    expect(changedCollector(undefined, false)).toBeUndefined();
    expect(changedCollector(off, false)).toEqual(off);
  });

  it('takes headers away without leaving a trace of a setting that was not there', () => {
    const collector = { collections: { a: { dataCollectionMode: 'Enabled' } } };

    expect(changedCollector(collector, { captureHeaders: null })).toEqual(collector);
    expect(
      changedCollector({ ...collector, requestLogging: { captureHeaders: ['a'] } }, { captureHeaders: [] }),
    ).toEqual({
      ...collector,
      requestLogging: { captureHeaders: [] },
    });
  });

  it('off and on again is the collector of before, but that all is on', () => {
    const mode = fc.constantFrom('Enabled', 'Disabled');
    const collections = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.record({ dataCollectionMode: mode, samplingRate: fc.double() }),
      {
        minKeys: 1,
      },
    );
    fc.assert(
      fc.property(collections, (given) => {
        const off = changedCollector({ collections: given }, false);
        const on = changedCollector(off, true) as { collections: typeof given };
        expect(isCollecting(off)).toBe(false);
        expect(isCollecting(on)).toBe(true);
        expect(Object.keys(on.collections)).toEqual(Object.keys(given));
        for (const [name, { samplingRate, dataCollectionMode }] of Object.entries(on.collections)) {
          expect(dataCollectionMode).toBe('Enabled');
          expect(samplingRate).toBe(given[name]?.samplingRate);
        }
      }),
    );
  });
});

describe('sameness', () => {
  it('is that of the JSON, whatever the order of the fields', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const sorted = (value: unknown) =>
          JSON.stringify(value, (_, inner) =>
            typeof inner === 'object' && inner !== null && !Array.isArray(inner)
              ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
              : Object.is(inner, -0)
                ? 'minus zero'
                : inner,
          );
        expect(isSameJson(one, structuredClone(one))).toBe(true);
        expect(isSameJson(one, other)).toBe(sorted(one) === sorted(other));
      }),
    );
    expect(isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(isSameJson({ a: undefined }, { b: undefined })).toBe(false);
    expect(isSameJson([], {})).toBe(false);
  });
});

describe('numbers as they are written', () => {
  const parse = (text: string) => parseExactly(text) as Record<string, unknown>;

  it.each([
    ['1.0', '1.0', true],
    ['1.0', '1', true],
    ['1', '1.0', true],
    ['1e400', '2e400', false],
    ['12345678901234567890', '12345678901234567891', false],
    ['1.0', '"1.0"', false],
    ['1.0', '{"rawJSON":"1.0"}', false],
  ])('%s and %s are the same: %s', (one, other, isSame) => {
    expect(isSameJson(parse(one), parse(other))).toBe(isSame);
  });

  it('are one field in a report', () => {
    expect(fieldChanges(parse('{"a":1.50,"b":1.0}'), parse('{"a":2.50,"b":1}'))).toEqual([
      { path: '/a', from: 1.5, to: 2.5 },
    ]);
  });
});

describe('the changes of a report', () => {
  it('are JSON pointers to the fields that differ, arrays as a whole', () => {
    const before = { a: { 'x/y': 1, '~': { deep: true } }, list: [1, 2], gone: { b: 1 }, same: [{ a: 1 }] };
    const after = { a: { 'x/y': 2, '~': {} }, list: [1, 3], same: [{ a: 1 }], fresh: {} };

    expect(fieldChanges(before, after)).toEqual([
      { path: '/a/x~1y', from: 1, to: 2 },
      { path: '/a/~0/deep', from: true, to: undefined },
      { path: '/list', from: [1, 2], to: [1, 3] },
      { path: '/gone/b', from: 1, to: undefined },
      { path: '/fresh', from: undefined, to: {} },
    ]);
    expect(fieldChanges(before, structuredClone(before))).toEqual([]);
  });

  it.each([
    ['/tags/team', false],
    ['/sku/capacity', false],
    ['/properties/description', false],
    ['/properties/scaleSettings/maxInstances', false],
    ['/properties/environmentVariables/A', true],
    ['/properties/dataCollector/rollingRate', true],
    ['/properties/descriptionOfTheFuture', true],
  ])('at %s replace the instances: %s', (path, isRolling) => {
    expect(isRollingChange([{ path, from: undefined, to: 1 }])).toBe(isRolling);
  });
});
