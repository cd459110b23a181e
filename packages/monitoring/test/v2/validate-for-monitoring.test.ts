import { validateForMonitoring } from '../../src/index.ts';

const found = (sample: Parameters<typeof validateForMonitoring>[0]) =>
  validateForMonitoring(sample).map(({ code, column }) => (column === undefined ? code : `${code} ${column}`));

describe('the report for model monitoring', () => {
  it.each([
    ['a float of the baseline that arrives without a point', ['[{"x":5}]'], ['[{"x":5.5}]'], ['TYPE_DIFFERS x']],
    ['the same with a point', ['[{"x":5.0}]'], ['[{"x":5.5}]'], []],
    ['one fraction among whole numbers', ['[{"x":5},{"x":6.5}]'], ['[{"x":1.5}]'], []],
    ['numbers within texts', ['[{"x":"5.5 \\" 1"}]'], ['[{"x":"a"}]'], []],
    ['numbers and texts', ['[{"x":1},{"x":"a"}]'], undefined, ['MIXED_TYPES x']],
    ['nothing but null', ['[{"x":null}]'], ['[{"x":1.5}]'], ['ALL_NULL x', 'TYPE_DIFFERS x']],
    ['names that differ in case', ['[{"x":1,"X":2}]'], undefined, ['CASE_ONLY X']],
    ['a reserved name', ['[{"correlationId":"a"}]'], undefined, ['RESERVED_NAME correlationId']],
    ['a dot', ['[{"a.b":1}]'], undefined, ['DOT_IN_NAME a.b']],
    ['columns of one side', ['[{"a":1}]'], ['[{"b":1}]'], ['NOT_IN_PRODUCTION b', 'NOT_IN_BASELINE a']],
  ])('tells of %s', (_, inputs, baseline, expected) => {
    expect(found({ inputs, baseline })).toEqual(expected);
  });

  it('tells of inputs and outputs that cannot be joined', () => {
    expect(found({ inputs: [[{ a: 1 }, { a: 2 }]], outputs: [[{ r: 0.5 }]] })).toEqual(['ROW_COUNTS']);
    expect(found({ inputs: [[{ a: 1 }]], outputs: [[{ r: 0.5 }]] })).toEqual([]);
  });
});
