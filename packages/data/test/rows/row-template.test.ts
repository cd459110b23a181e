import { rowTemplate } from '../../src/rows/row-template.ts';

describe('the row that all rows are copies of', () => {
  it('has its columns in order, whatever they are called', () => {
    const names = ['b', '__proto__', 'a', 'constructor', 'é"\\', ''];
    const row: Record<string, unknown> = { ...rowTemplate(names) };
    expect(Object.keys(row)).toEqual(names);
    // biome-ignore lint/suspicious/noProto: a column may be called so.
    row['__proto__'] = 5;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(Object.entries(row)[1]).toEqual(['__proto__', 5]);
  });

  it('is not shared: a copy is another object', () => {
    const template = rowTemplate(Array.from({ length: 2000 }, (_, index) => `c${index}`));
    const copy = { ...template, c7: 1 };
    expect(template['c7']).toBeNull();
    expect(Object.keys(copy)).toHaveLength(2000);
  });
});
