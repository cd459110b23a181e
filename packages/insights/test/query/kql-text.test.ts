import { type LogsStandIn, startLogsStandIn } from '@azureml-ts/testing';
import fc from 'fast-check';
import { kqlText, queryLogs } from '../../src/index.ts';
import { accessTo } from './support.ts';

/** What a lexer of Kusto makes of a literal: its text, or nothing when the literal does not end with the text. */
function readLiteral(literal: string): string | undefined {
  let text = '';
  for (let at = 1; at < literal.length; at++) {
    const character = literal[at] as string;
    if (character === '"') {
      return at === literal.length - 1 ? text : undefined;
    }
    if (/[\n\r\u2028\u2029]/.test(character)) {
      return undefined;
    }
    if (character !== '\\') {
      text += character;
      continue;
    }
    at += 1;
    const escaped = literal[at] as string;
    if (escaped === 'u') {
      text += String.fromCharCode(Number.parseInt(literal.slice(at + 1, at + 5), 16));
      at += 4;
    } else {
      text += ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[escaped] ?? escaped;
    }
  }
  return undefined;
}

/** Texts of what is likely to break out, among others. */
const TEXTS = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('"', "'", '\\', '\n', '\r', '\t', '|', ')', ' or ', '//', '\u2028', '\ud800', 'u', '0'),
  }),
);

describe('kqlText', () => {
  it('gives one literal for any text, which stands for that text', () => {
    fc.assert(
      fc.property(TEXTS, (text) => readLiteral(kqlText(text)) === text),
      { numRuns: 2000 },
    );
  });

  it('leaves ordinary letters of any language as they are', () => {
    expect(kqlText('größe 大 😀')).toBe('"größe 大 😀"');
    expect(kqlText('say "a\\b"\n\u0000')).toBe('"say \\"a\\\\b\\"\\n\\u0000"');
  });

  describe('in a query', () => {
    let logs: LogsStandIn;
    beforeAll(async () => {
      logs = await startLogsStandIn();
    });
    afterAll(() => logs.close());

    it('finds the row with the text, and no other', async () => {
      await fc.assert(
        fc.asyncProperty(TEXTS, async (text) => {
          logs.clear();
          logs.addRows('traces', [{ message: text }, { message: `${text}, and more` }]);
          const { rows } = await queryLogs(
            logs.resourceId,
            `traces | where message == ${kqlText(text)} | project message`,
            accessTo(logs),
          );
          // What is half a character does not travel in JSON.
          expect(rows).toEqual([{ message: JSON.parse(JSON.stringify(text)) }]);
        }),
        { numRuns: 100 },
      );
    });
  });
});
