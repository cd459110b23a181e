import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { runNode } from '../support/run.ts';
import { examplesOf, findSnippets, writeSnippets } from './snippets.ts';

const snippets = findSnippets();
const running = snippets.filter((snippet) => snippet.runs);

describe('the snippets of the documentation', () => {
  let folder: string;

  beforeAll(() => {
    folder = writeSnippets(snippets);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are found', () => {
    expect(running.length).toBeGreaterThan(0);
  });

  it('compile', async () => {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, stdout } = await runNode([tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      timeoutMs: 120_000,
    });
    const places = new Map(snippets.map((snippet) => [`${snippet.slug}/snippet.ts`, snippet.place]));
    const errors = stdout.replaceAll(/^[^\s(]+\/snippet\.ts/gm, (file) => `${places.get(file) ?? file} snippet`);
    expect(`${code}\n${errors}`).toBe('0\n');
  }, 150_000);

  it.each(running.map((snippet): [string, string] => [snippet.place, snippet.slug]))(
    '%s runs',
    async (_, slug) => {
      const { code, stdout, stderr } = await runNode(['snippet.ts'], { cwd: join(folder, slug), timeoutMs: 60_000 });
      if (code !== 0) {
        throw new Error(
          `It ended with ${code === null ? 'a signal, or after 60 s' : `exit code ${code}`}.\n${stdout}\n${stderr}`,
        );
      }
    },
    75_000,
  );
});

describe('reading the examples of a doc comment', () => {
  it('takes what follows the tag, up to the next one', () => {
    const source = [
      'const text = "/** @example no comment */";',
      '/**',
      ' * Adds.',
      ' *',
      ' * @param a First.',
      ' * @example',
      ' * ```ts',
      ' * @decorated',
      ' * add(1, 2);',
      ' * ```',
      ' * @returns The sum.',
      ' */',
      'export function add(a: number, b: number): number { return a + b; }',
    ].join('\n');
    expect(examplesOf(source)).toEqual([{ text: '```ts\n@decorated\nadd(1, 2);\n```\n', line: 7 }]);
  });
});
