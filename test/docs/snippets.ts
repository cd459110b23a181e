import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT, STATE } from '../support/checkout.ts';
import { checkoutFiles, type Fence, fencesOf, readCheckoutFile } from '../support/markdown.ts';
import { PACKAGES } from '../support/packages.ts';

/** A piece of TypeScript in the documentation. */
export interface Snippet {
  /** File and line it stands at. */
  readonly place: string;
  readonly text: string;
  /** Whether it ends by itself on any machine, and is run. */
  readonly runs: boolean;
  /** Name of its folder. */
  readonly slug: string;
}

/** Pages whose snippets are run. */
const PAGES = /^(README\.md|packages\/[^/]+\/README\.md|examples\/[^/]+\/README\.md|docs\/.*\.md)$/;
const SOURCES = /^packages\/[^/]+\/src\/.*\.ts$/;

/** All `ts` fences of the pages, and those of the `@example` tags in the sources. */
export function findSnippets(): Snippet[] {
  const inPages = checkoutFiles(PAGES).flatMap((file) => snippetsOf(file, fencesOf(readCheckoutFile(file)), 0));
  const inSources = checkoutFiles(SOURCES).flatMap((file) =>
    examplesOf(readCheckoutFile(file)).flatMap(({ text, line }) => snippetsOf(file, fencesOf(text), line - 1)),
  );
  return [...inPages, ...inSources];
}

function snippetsOf(file: string, fences: readonly Fence[], linesBefore: number): Snippet[] {
  return fences
    .filter((fence) => ['ts', 'typescript'].includes(fence.language))
    .map((fence) => {
      const line = linesBefore + fence.line;
      return {
        place: `${file}:${line}`,
        text: fence.text,
        runs: !fence.words.includes('no-run'),
        slug: `${file.replaceAll(/[^\w]+/g, '-')}-${line}`,
      };
    });
}

/** The texts after the `@example` tags of the doc comments, with the line each starts at. */
export function examplesOf(source: string): { text: string; line: number }[] {
  return docComments(source).flatMap(({ comment, line }) => {
    const lines = comment.split('\n').map((text) => text.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '').replace(/\s*\*\/$/, ''));
    const examples: { text: string; line: number }[] = [];
    let fenced = false;
    let inExample = false;
    for (const [index, text] of lines.entries()) {
      const tag = fenced ? undefined : /^\s*@(\w+)/.exec(text)?.[1];
      if (tag !== undefined) {
        inExample = tag === 'example';
        if (inExample) {
          examples.push({ text: '', line: line + index + 1 });
        }
        continue;
      }
      if (/^\s*```/.test(text)) {
        fenced = !fenced;
      }
      const last = examples.at(-1);
      if (inExample && last !== undefined) {
        last.text += `${text}\n`;
      }
    }
    return examples;
  });
}

/** Doc comments by the scanner, so that what looks like one inside a string is none. */
function docComments(source: string): { comment: string; line: number }[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, false);
  const found = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) {
      const comment = source.slice(range.pos, range.end);
      if (comment.startsWith('/**')) {
        found.set(range.pos, comment);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found].map(([position, comment]) => ({
    comment,
    line: file.getLineAndCharacterOfPosition(position).line + 1,
  }));
}

/**
 * Writes the snippets as files, each alone in a folder, in a project that sees the built packages and what those
 * depend on, as a reader's project does.
 *
 * @returns The folder of the project, to be removed by the caller.
 */
export function writeSnippets(snippets: readonly Snippet[]): string {
  mkdirSync(join(STATE, 'snippets'), { recursive: true });
  const folder = mkdtempSync(join(STATE, 'snippets', 'run-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  for (const { folder: room, name, manifest } of PACKAGES) {
    link(room, join(folder, 'node_modules', name));
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (!dependency.startsWith('@azureml-ts/')) {
        link(join(room, 'node_modules', dependency), join(folder, 'node_modules', dependency));
      }
    }
  }
  const compilerOptions = {
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    moduleDetection: 'force',
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.base.json'), compilerOptions, include: ['*/snippet.ts'] }),
  );
  for (const { slug, text } of snippets) {
    mkdirSync(join(folder, slug));
    writeFileSync(join(folder, slug, 'snippet.ts'), text);
  }
  return folder;
}

function link(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    symlinkSync(realpathSync(source), target, 'junction');
  } catch (error) {
    // Two packages may share a dependency.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}
