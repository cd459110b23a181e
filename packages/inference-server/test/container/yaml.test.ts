import fc from 'fast-check';
import { toYaml } from '../../src/container/yaml.ts';

/** Reads `key: value` back as a reader of YAML 1.1 or 1.2 would. */
function readText(line: string): unknown {
  const value = line.slice('key: '.length, -1);
  if (value.startsWith('"')) {
    return JSON.parse(value);
  }
  // Only what no reader takes for anything but a text may stand without quotes.
  const isOther = /^(true|false|yes|no|on|off|y|n|null|~|[-+.]?\d.*|\.inf|\.nan)$/i.test(value);
  return isOther || !/^[A-Za-z/$][\w$./:-]*$/.test(value) || /:$|: /.test(value) ? undefined : value;
}

describe('toYaml', () => {
  it('writes objects, lists and scalars in block style', () => {
    const value = { a: 1, b: { c: true, d: ['x', { e: 'y', f: [] }, ['z']] }, g: {} };
    expect(toYaml(value)).toBe('a: 1\nb:\n  c: true\n  d:\n    - x\n    - e: "y"\n      f: []\n    - - z\ng: {}\n');
  });

  it.each([
    ['yes', '"yes"'],
    ['12', '"12"'],
    ['', '""'],
    ['a: b', '"a: b"'],
    ['a #b', '"a #b"'],
    ['é', '"\\u00e9"'],
    ['\u2028', '"\\u2028"'],
    ['https://a.example/b', 'https://a.example/b'],
    ['azureml:a:1', 'azureml:a:1'],
    ['a:', '"a:"'],
  ])('writes the text %j as %s', (text, written) => {
    expect(toYaml({ key: text })).toBe(`key: ${written}\n`);
  });

  it('keeps every text what it was', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.stringMatching(/^[\w:/.#-]*$/));
    fc.assert(
      fc.property(text, (value) => {
        const line = toYaml({ key: value });
        expect(line.split('\n')).toHaveLength(2);
        expect(readText(line)).toBe(value);
      }),
    );
  });
});
