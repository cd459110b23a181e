import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckoutFile } from '../support/markdown.ts';

const { names } = JSON.parse(readFileSync(join(import.meta.dirname, 'data', 'azureml-core-names.json'), 'utf8')) as {
  names: Record<string, string[]>;
};

/** Heading of the page for each part of the Python package. */
const SECTIONS: Record<string, string> = {
  Webservice: 'Webservice',
  AksWebservice: 'AksWebservice',
  AksEndpoint: 'AksEndpoint',
  AciWebservice: 'AciWebservice',
  LocalWebservice: 'LocalWebservice',
  UnknownWebservice: 'UnknownWebservice',
  configurations: 'Deployment configurations and their parts',
  parts: 'Deployment configurations and their parts',
  Workspace: 'Workspace',
  authentication: 'Signing in',
  exceptions: 'Errors',
  Model: 'Model and InferenceConfig',
  InferenceConfig: 'Model and InferenceConfig',
};

/** First cells of the table below a heading: the Python side. */
function pythonSideOf(heading: string): string {
  const page = readCheckoutFile('docs/migration-from-python.md');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(0, line.indexOf(' | ')))
    .join('\n');
}

describe('the migration page', () => {
  it.each(Object.keys(names))('lists every public name of %s of the Python package', (part) => {
    const side = pythonSideOf(SECTIONS[part] ?? '');
    const missing = (names[part] ?? []).filter((name) => !new RegExp(`\`${name}[\`(]`).test(side));
    expect(missing).toEqual([]);
  });

  it('has a section for each part', () => {
    expect(Object.keys(SECTIONS)).toEqual(expect.arrayContaining(Object.keys(names)));
  });
});
