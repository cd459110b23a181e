import { DefaultSettings, type Language, TaskUtils } from '@microsoft/powerquery-parser';
import fc from 'fast-check';
import { type GenerateForOptions, generateFor } from '../../src/generate/generate.ts';
import { stream } from '../support/stream.ts';
import { readM } from './read-literals.ts';

const options: GenerateForOptions = { ...stream, storage: 'https://acct.blob.core.windows.net' };

/** The texts of a query, by the parser of Microsoft: it must be M. */
async function textsOf(query: string): Promise<string[]> {
  const task = await TaskUtils.tryLexParse({ ...DefaultSettings, locale: 'en-US' }, query);
  if (!TaskUtils.isParseStageOk(task)) {
    throw new Error(`no M: ${JSON.stringify(task)}`);
  }
  const nodes = [...task.nodeIdMapCollection.astNodeById.values()] as Language.Ast.TNode[];
  return nodes.flatMap((node) =>
    node.kind === 'LiteralExpression' && node.literal.startsWith('"') ? readM(node.literal) : [],
  );
}

const name = fc
  .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[#(){}"'$lf ,]+$/))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: folders have none.
  .filter((text) => text !== '' && !/[/\\\u0000-\u001f\u007f]|\.$|^[/]/u.test(text) && text.length < 100);

describe('a query for Power BI', () => {
  it.each<[string, Partial<GenerateForOptions>]>([
    ['of one version', {}],
    ['of all versions', { modelVersion: 'all' }],
    ['of several versions and days', { modelVersion: ['1', '2'], from: '2026-01-31', to: '2026-03-01' }],
    ['of a folder', { storage: { directory: '/data/rows' } }],
    ['of what the Python package wrote', { layout: 'python-v1' }],
    ['of files without header', { featureNames: ['a', 'b "c"'] }],
    [
      'with types',
      {
        types: { n: 'number', s: 'string', b: 'boolean', d: 'date', 'i "i"': 'bigint' } as GenerateForOptions['types'],
      },
    ],
  ])('%s is M', async (_, more) => {
    const query = generateFor('power-bi', { ...options, ...more });
    expect((await textsOf(query)).length).toBeGreaterThan(20);
  });

  it('holds names as they are, whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(name, name, name, async (modelName, modelVersion, feature) => {
        const query = generateFor('power-bi', {
          ...options,
          modelName,
          modelVersion: [modelVersion],
          types: { [feature]: 'string' },
        });
        expect(await textsOf(query)).toEqual(
          expect.arrayContaining([`sub/rg/ws/svc/${modelName}/`, modelVersion, feature]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('takes the steps of the article: account, container, path, name, combine, header', () => {
    const query = generateFor('power-bi', {
      ...options,
      from: '2026-03-01',
      to: '2026-03-31',
      types: { age: 'number' },
    });
    const steps = [
      'AzureStorage.Blobs(Place)',
      'Account{[Name = Container]}[Data]',
      'Text.StartsWith([Path], Model)',
      '[Parts]{1} = Designation',
      'Text.StartsWith(List.Last([Parts]), "data") and Text.EndsWith(List.Last([Parts]), ".csv")',
      // Numbers: 03 and 3 are one month.
      '#date(Number.FromText([Parts]{2}), Number.FromText([Parts]{3}), Number.FromText([Parts]{4}))',
      '[Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]',
      'Table.PromoteHeaders(Cells, [PromoteAllScalars = true])',
      'Table.Combine(Tables[Rows])',
      'Table.TransformColumnTypes(',
    ];
    expect(steps.filter((step) => !query.includes(step))).toEqual([]);
    expect(query).toContain('FirstDay = #date(2026, 3, 1),\n    LastDay = #date(2026, 3, 31),');
    expect(query).toContain('Types = {{"age", type number}},');
  });
});
