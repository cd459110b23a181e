import fc from 'fast-check';
import { mText, pythonText, sqlName, sqlText } from '../../src/generate/literals.ts';
import { readM, readPython, readSql } from './read-literals.ts';

const nasty = fc
  .array(
    fc.constantFrom(
      '"',
      "'",
      '\\',
      '#(',
      '#(lf)',
      ')',
      '{',
      '}',
      '$',
      '{x}',
      '`',
      '\n',
      '\r',
      '\t',
      '\u2028',
      '\u0085',
      '\ufeff',
      '--',
      '//',
      '"""',
      'é',
      '漢',
      '😀',
      '%s',
      'x',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const text = fc.oneof(nasty, fc.string({ unit: 'binary' }));

describe('a text as a literal', () => {
  it('reads back as itself in Python', () => {
    fc.assert(fc.property(text, (value) => expect(readPython(pythonText(value))).toBe(value)));
  });

  it('reads back as itself in SQL', () => {
    fc.assert(fc.property(text, (value) => expect(readSql(sqlText(value))).toBe(value)));
  });

  it('reads back as itself in M', () => {
    fc.assert(fc.property(text, (value) => expect(readM(mText(value))).toBe(value)));
  });

  it('shows what nobody sees', () => {
    expect(pythonText('a\u2028\ufeff\u0007"\\é')).toBe('"a\\u2028\\ufeff\\x07\\"\\\\é"');
    expect(mText('a\u2028#(lf)"')).toBe('"a#(2028)#(#)(lf)"""');
  });

  it('is an identifier of SQL with its quotes doubled', () => {
    expect(sqlName('a "b"')).toBe('"a ""b"""');
  });
});
