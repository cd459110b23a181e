import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, exitCodeOf } from '../src/exit-codes.ts';
import { main } from '../src/index.ts';
import { RecordedIo } from './recorded-io.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
const SERVICE = ['list', 'show', 'update', 'logs', 'keys', 'wait', 'run', 'migrate', 'delete'].map((name) => [
  'service',
  name,
]);

function sectionOf(title: string): string {
  return new RegExp(`^## ${title}$(.*?)(?=^## |(?![^]))`, 'ms').exec(PAGE)?.[1] ?? '';
}

async function optionsOf(argv: readonly string[]): Promise<string[]> {
  const io = new RecordedIo();
  expect(await main([...argv, '--help'], io)).toBe(0);
  return [...io.out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].flatMap(([, flag = '']) =>
    flag === '--help' ? [] : flag,
  );
}

describe('the reference of the command', () => {
  it.each([
    ...SERVICE,
    ['deploy'],
    ['doctor'],
    ['data', 'files'],
    ['data', 'cat'],
    ['data', 'tail'],
    ['data', 'export'],
    ['data', 'generate'],
    ['data', 'join'],
    ['data', 'verify'],
    ['data', 'purge'],
    ['traces'],
    ['traces', 'export'],
  ])('tells every option of %s %s', async (...argv) => {
    const names = argv.filter((part): part is string => typeof part === 'string');
    const text = `${sectionOf(names.join(' '))}${names[0] === 'data' ? '' : sectionOf('Which workspace, and who signs in')}`;
    const options = await optionsOf(names);
    expect(options.length).toBeGreaterThan(5);
    expect(options.filter((flag) => !text.includes(`\`${flag}`))).toEqual([]);
  });

  it('tells the exit code of each code that it names', async () => {
    const rows = [...sectionOf('Exit codes').matchAll(/^\| (\d+) \| [^|]* \|(.*)\|$/gm)];
    expect(rows).toHaveLength(Object.keys(EXIT).length);
    const { AzuremlError } = await import('@azureml-ts/common');
    for (const [, exitCode, codes = ''] of rows) {
      for (const [, code = ''] of codes.matchAll(/`([A-Z_]{4,})`/g)) {
        const expected = code === 'USAGE' ? EXIT.usage : exitCodeOf(new AzuremlError(code, 'x'));
        expect([code, expected]).toEqual([code, Number(exitCode)]);
      }
    }
  });
});
