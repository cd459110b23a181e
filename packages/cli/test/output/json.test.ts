import { jsonText } from '../../src/output/json.ts';

describe('jsonText', () => {
  it('keeps NaN, infinities and large integers as texts', () => {
    expect(JSON.parse(jsonText({ a: Number.NaN, b: -Infinity, c: 2n ** 60n, d: 1.5 }))).toEqual({
      a: 'NaN',
      b: '-Infinity',
      c: '1152921504606846976',
      d: 1.5,
    });
  });

  it('writes nothing that a build system would obey, and reads back as it was', () => {
    const value = { log: ['##vso[task.complete]', '##VSO[x]', '##[error]y', '::error::z'] };
    const text = jsonText(value, 2);
    expect(text).not.toMatch(/##(vso)?\[/i);
    expect(text).not.toMatch(/^\s*::/m);
    expect(JSON.parse(text)).toEqual(value);
  });
});
