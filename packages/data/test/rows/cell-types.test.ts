import fc from 'fast-check';
import { CELL_READERS, type CellType, type CellValue, inferCell } from '../../src/rows/cell-types.ts';

describe('a cell whose type nobody declared', () => {
  it.each<[string, CellValue]>([
    ['', null],
    ['true', true],
    ['True', 'True'],
    ['5', 5],
    ['-2.5', -2.5],
    ['5.0', 5],
    ['-0.0', -0],
    ['-0', '-0'],
    ['1e+21', 1e21],
    ['1e21', '1e21'],
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['00123', '00123'],
    ['1.50', '1.50'],
    ['1.5.0', '1.5.0'],
    ['.0', '.0'],
    ['0x10', '0x10'],
    ['+1', '+1'],
    [' 1', ' 1'],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['2026-01-02T03:04:05.006Z', '2026-01-02T03:04:05.006Z'],
    ['Ulm', 'Ulm'],
  ])('reads %p as %p', (text, value) => {
    expect(inferCell(text)).toBe(value);
  });

  it('gives back every number that JavaScript wrote, but for integers that are not exact', () => {
    fc.assert(
      fc.property(fc.double(), (number) => {
        const text = String(number);
        expect(inferCell(text)).toBe(/^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : Number(text));
      }),
    );
  });

  it('never changes a text: what becomes a value can be written back as the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', 'N', 'I', ' ') }), (text) => {
        const value = inferCell(text);
        if (typeof value === 'number') {
          expect([String(value), `${value}.0`, Object.is(value, -0) ? '-0.0' : '']).toContain(text);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a cell of a declared type', () => {
  it.each<[CellType, string, CellValue | undefined]>([
    ['number', '00123', 123],
    ['number', '1.50', 1.5],
    ['number', '1E5', 100000],
    ['number', '', null],
    ['number', 'NaN', Number.NaN],
    ['number', '0x10', undefined],
    ['number', '12 ', undefined],
    ['number', '.', undefined],
    ['boolean', 'false', false],
    ['boolean', '1', undefined],
    ['bigint', '12345678901234567890', 12345678901234567890n],
    ['bigint', '1.0', undefined],
    ['string', '', ''],
    ['string', '5', '5'],
    ['date', '', null],
    ['date', '2026-01-02 03:04', undefined],
    ['date', '2026-01-02T03:04:05', undefined],
    ['date', '2026-02-30T00:00:00Z', undefined],
  ])('%s reads %p as %p', (type, text, value) => {
    expect(CELL_READERS[type](text)).toBe(value);
  });

  it.each([
    ['2026-01-02T03:04:05.006Z', '2026-01-02T03:04:05.006Z'],
    ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['2026-01-01T01:00:00+02:00', '2025-12-31T23:00:00.000Z'],
    ['-000001-01-01T00:00:00.000Z', '-000001-01-01T00:00:00.000Z'],
  ])('date reads %s', (text, iso) => {
    expect((CELL_READERS.date(text) as Date).toISOString()).toBe(iso);
  });
});
