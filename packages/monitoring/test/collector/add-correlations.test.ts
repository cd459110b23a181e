import fc from 'fast-check';
import { addCorrelations } from '../../src/collector/add-correlations.ts';
import type { Correlations } from '../../src/collector/correlations.ts';
import {
  splitColumnCorrelations,
  splitCorrelations,
  splitRowCorrelations,
} from '../../src/collector/split-correlations.ts';

const TIME = '2026-01-02T03:04:05.678Z';
const one: Correlations = { correlationId: 'w-1', userCorrelationId: 'loan', scoringTimestamp: TIME, requestId: 'r' };
const bare: Correlations = { correlationId: 'w-1', scoringTimestamp: TIME };
const each: Correlations = { ...bare, userCorrelationId: ['u0', 'u1'] };

const columns = (user: string, request = '') => ({
  $aml_dc_correlation_id: 'w-1',
  $aml_dc_user_correlation_id: user,
  $aml_dc_scoring_timestamp: TIME,
  $aml_request_id: request,
});

describe('addCorrelations', () => {
  it('adds four values to one row', () => {
    expect(addCorrelations([1, 'a'], one)).toEqual([1, 'a', 'w-1', 'loan', TIME, 'r']);
    expect(addCorrelations(new Float64Array([1, 2]), bare)).toEqual([1, 2, 'w-1', '', TIME, '']);
  });

  it('adds them to each row, with its own id where there is one for each', () => {
    expect(addCorrelations([[1], new Int32Array([2])], each)).toEqual([
      [1, 'w-1', 'u0', TIME, ''],
      [2, 'w-1', 'u1', TIME, ''],
    ]);
  });

  it('adds them to records and columns by name', () => {
    expect(addCorrelations({ a: 1 }, one)).toEqual({ a: 1, ...columns('loan', 'r') });
    expect(addCorrelations([{ a: 1 }, { a: 2 }], each)).toEqual([
      { a: 1, ...columns('u0') },
      { a: 2, ...columns('u1') },
    ]);
    expect(addCorrelations({ a: [1, 2], b: new Float32Array([3, 4]) }, each)).toEqual({
      a: [1, 2],
      b: new Float32Array([3, 4]),
      $aml_dc_correlation_id: ['w-1', 'w-1'],
      $aml_dc_user_correlation_id: ['u0', 'u1'],
      $aml_dc_scoring_timestamp: [TIME, TIME],
      $aml_request_id: ['', ''],
    });
  });

  it('turns tensors into rows', () => {
    const tensor = { data: new Float32Array([1, 2, 3, 4]), dims: [2, 2] };
    expect(addCorrelations(tensor, bare)).toEqual([
      [1, 2, 'w-1', '', TIME, ''],
      [3, 4, 'w-1', '', TIME, ''],
    ]);
    expect(addCorrelations({ shape: [1], dataSync: () => new Float32Array([5]) }, bare)).toEqual([
      5,
      'w-1',
      '',
      TIME,
      '',
    ]);
  });

  it('leaves the data itself alone, and gives it back where there are no correlations', () => {
    const row = Object.freeze([1, 2]);
    const record = Object.freeze({ a: 1 });
    addCorrelations(row, one);
    addCorrelations(record, one);
    expect(addCorrelations(row, undefined)).toBe(row);
    expect(addCorrelations(record, null)).toBe(record);
  });

  it('keeps features that are called like members of every object', () => {
    const record = JSON.parse('{"__proto__":1,"toString":2}');
    expect(Object.entries(addCorrelations(record, bare) as object)).toEqual([
      ['__proto__', 1],
      ['toString', 2],
      ...Object.entries(columns('')),
    ]);
  });

  it.each<[string, unknown, Correlations, RegExp]>([
    ['text', 'text', one, /data must be a row, rows/],
    ['nothing', undefined, one, /data must be/],
    ['a tensor of rank 3', { data: [1], dims: [1, 1, 1] }, one, /rank 1 or 2/],
    ['another number of rows than ids', [[1], [2], [3]], each, /There are 2 correlation ids for 3 rows/],
    ['one row for two ids', { a: 1 }, each, /There are 2 correlation ids for 1 rows/],
  ])('refuses %s', (_, data, correlations, message) => {
    expect(() => addCorrelations(data as number[], correlations)).toThrow(
      expect.objectContaining({ code: 'VALIDATION', message: expect.stringMatching(message) }),
    );
  });
});

const text = fc.string({ minLength: 1 });
const anyCorrelations = fc.record({
  correlationId: text,
  userCorrelationId: fc.option(text, { nil: undefined }),
  scoringTimestamp: fc.constant(TIME),
  requestId: fc.option(text, { nil: undefined }),
});
const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.boolean());
const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length'));

describe('what addCorrelations added', () => {
  it('is found again in rows, records and columns', () => {
    fc.assert(
      fc.property(
        anyCorrelations,
        fc.array(value, { minLength: 1 }),
        fc.dictionary(name, value),
        (given, row, record) => {
          expect(splitRowCorrelations(addCorrelations(row, given), row.length)).toEqual({
            features: row,
            correlations: given,
          });
          expect(splitCorrelations(addCorrelations(record, given))).toEqual({
            features: { ...record },
            correlations: given,
          });
          const table = { a: row, ['__proto__']: row };
          expect(splitColumnCorrelations(addCorrelations(table, given))).toEqual({
            features: table,
            correlations: row.map(() => given),
          });
        },
      ),
    );
  });

  it('survives JSON', () => {
    const row = JSON.parse(JSON.stringify(addCorrelations([1], bare)));
    expect(splitRowCorrelations(row, 1)?.correlations).toEqual({
      ...bare,
      userCorrelationId: undefined,
      requestId: undefined,
    });
  });

  it('is not seen where it is not', () => {
    expect(splitCorrelations({ a: 1 })).toBeUndefined();
    expect(splitColumnCorrelations({ a: [1] })).toBeUndefined();
    expect(splitRowCorrelations([1, 'w-1', '', TIME, ''], 2)).toBeUndefined();
    expect(splitRowCorrelations([1, 2, 3, 4, 5], 1)).toBeUndefined();
    expect(splitRowCorrelations([1, 'w-1', {}, TIME, ''], 1)).toBeUndefined();
    expect(splitRowCorrelations([1, 'w-1', '', 'yesterday', ''], 1)).toBeUndefined();
  });

  it('may come with numbers for ids and dates for times, as callers without types have them', () => {
    const record = {
      a: 1,
      ...columns(''),
      $aml_dc_user_correlation_id: 4711,
      $aml_dc_scoring_timestamp: new Date(TIME),
    };
    expect(splitCorrelations(record)?.correlations).toMatchObject({
      userCorrelationId: '4711',
      scoringTimestamp: TIME,
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no id', { ...columns('u'), $aml_dc_correlation_id: null }, /no \$aml_dc_correlation_id/],
    ['no time', { ...columns('u'), $aml_dc_scoring_timestamp: undefined }, /no \$aml_dc_scoring_timestamp/],
    ['an object for an id', { ...columns('u'), $aml_request_id: {} }, /must be a text/],
  ])('is refused with %s', (_, record, message) => {
    expect(() => splitCorrelations({ a: 1, ...record })).toThrow(
      expect.objectContaining({ name: 'InvalidRows', message: expect.stringMatching(message) }),
    );
    expect(() =>
      splitColumnCorrelations(Object.fromEntries(Object.entries(record).map(([key, cell]) => [key, [cell]]))),
    ).toThrow(message);
  });
});
