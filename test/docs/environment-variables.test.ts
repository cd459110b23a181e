import { checkoutFiles, readCheckoutFile } from '../support/markdown.ts';
import { environmentReads } from './environment-reads.ts';

const PAGE = 'docs/environment-variables.md';
const SOURCES = /^packages\/[^/]+\/src\/.*\.ts$/;

/** Texts that look like variables in files which read variables of other names too: codes of errors. */
const NO_VARIABLES = new Set(['CLASSIC_PLANE_MISSING', 'CONFIG_FILE_NOT_FOUND', 'INVALID_ANSWER', 'NOT_FOUND']);

/** The variables that the packages read, each with a file that does. */
const read = new Map<string, string>();
for (const file of checkoutFiles(SOURCES)) {
  const { variables, candidates, isDynamic } = environmentReads(readCheckoutFile(file));
  const named = isDynamic ? [...variables, ...candidates] : [...variables];
  for (const name of named) {
    if (!NO_VARIABLES.has(name)) {
      read.set(name, file);
    }
  }
}

/** The variables that stand in the first column of a table of the page. */
const described = new Set(
  [...readCheckoutFile(PAGE).matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(([, name = '']) => name),
  ),
);

describe('the page of environment variables', () => {
  it('describes every variable that a package reads', () => {
    const missing = [...read].filter(([name]) => !described.has(name)).map(([name, file]) => `${name} (${file})`);
    expect(missing).toEqual([]);
  });

  it('describes none that no package reads', () => {
    expect([...described].filter((name) => !read.has(name))).toEqual([]);
  });

  it('is compared with what really is in the sources', () => {
    expect(read.size).toBeGreaterThan(60);
    expect(read.get('AML_MODEL_DC_JOURNAL')).toMatch(/^packages\/monitoring\//);
    // Named in a table, and read by that name elsewhere in the file.
    expect(read.has('AZURE_POD_IDENTITY_AUTHORITY_HOST')).toBe(true);
  });
});

describe('environmentReads', () => {
  it.each<[string, string[]]>([
    ["process.env['A_B']", ['A_B']],
    ['process.env.A_B', ['A_B']],
    ["env['A'] ?? io.env['B']", ['A', 'B']],
    ["environment?.['A_B']", ['A_B']],
    ['process.env?.A_B', ['A_B']],
    ["integerSetting(['a', b], 'A_B', {})", ['A_B']],
    ["const text = \"process.env['A_B']\"; // process.env['A_C']", []],
    ["other['A_B']", []],
  ])('finds in %j the variables %j', (source, variables) => {
    expect([...environmentReads(source).variables]).toEqual(variables);
  });

  it('notices names that come from elsewhere, and what they may be', () => {
    const { isDynamic, candidates } = environmentReads("for (const name of ['A_B', 'word']) env[name]; ({ C_D: 1 })");
    expect(isDynamic).toBe(true);
    expect([...candidates]).toEqual(['A_B', 'C_D']);
  });
});
