import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isAzuremlError } from '@azureml-ts/common';
import { Workspace } from '../../src/index.ts';

interface GoldenCase {
  readonly case: string;
  readonly files: Readonly<Record<string, string>>;
  readonly path: string;
  readonly kwargs: Readonly<Record<string, string>>;
  readonly found: readonly (string | null)[] | null;
  readonly error: { readonly type: string; readonly message: string } | null;
}

type Outcome = { readonly found: readonly (string | null)[] } | { readonly code: string; readonly where?: string };

const KEYS = ['case', 'files', 'path', 'kwargs', 'found', 'error'];
const OWN_PATH = 'config naming its own path as subscription_id';
const PLACES = ['.azureml', 'aml_config', ''].flatMap((folder) =>
  ['config.json', 'project.json'].map((name) => join(folder, name)),
);

const textOf = (path: string, text: string): string =>
  text === OWN_PATH ? JSON.stringify({ subscription_id: path, resource_group: 'rg', workspace_name: 'w' }) : text;

/** The file in the nearest folder, by nothing but the list of files. */
function nearest(golden: GoldenCase): string | undefined {
  for (let folder = golden.path; ; folder = dirname(folder)) {
    const place = PLACES.map((name) => join(folder, name)).find((name) => name in golden.files);
    if (place !== undefined || folder === '.') {
      return place;
    }
  }
}

function fieldsOf(text: string): (string | null)[] {
  const { subscription_id, resource_group, workspace_name } = JSON.parse(text.replace(/^\uFEFF/, ''));
  return [subscription_id, resource_group, workspace_name];
}

/** Where we differ from the recording on purpose, by what was recorded. The first rule that applies says what comes out. */
const RULES: readonly { why: string; applies(golden: GoldenCase): boolean; outcome(golden: GoldenCase): Outcome }[] = [
  {
    why: 'a byte order mark is accepted',
    applies: ({ error }) => error?.type === 'JSONDecodeError' && error.message.includes('BOM'),
    outcome: (golden) => ({ found: fieldsOf(golden.files[nearest(golden) ?? ''] ?? '') }),
  },
  {
    why: 'bad JSON is a clear error that says where it breaks',
    applies: ({ error }) => error?.type === 'JSONDecodeError',
    outcome: ({ error }) => {
      const [, line, column] = /line (\d+) column (\d+)/.exec(error?.message ?? '') ?? [];
      return { code: 'CONFIG_FILE_INVALID', where: `${line}:${column}` };
    },
  },
  {
    why: 'a short Scope is a clear error',
    applies: ({ error }) => error?.type === 'IndexError',
    outcome: () => ({ code: 'CONFIG_FILE_INVALID' }),
  },
  {
    why: 'null is no value of a field',
    applies: ({ found }) => found?.includes(null) === true,
    outcome: () => ({ code: 'CONFIG_FILE_INVALID' }),
  },
  {
    why: 'the nearest folder wins',
    applies: (golden) => {
      const path = nearest(golden);
      return golden.found !== null && path !== undefined && golden.files[path] === OWN_PATH && golden.found[0] !== path;
    },
    outcome: (golden) => ({ found: [nearest(golden) ?? '', 'rg', 'w'] }),
  },
];

function expected(golden: GoldenCase): Outcome {
  const rule = RULES.find((candidate) => candidate.applies(golden));
  if (rule !== undefined) {
    return rule.outcome(golden);
  }
  if (golden.found !== null) {
    return { found: golden.found };
  }
  if (golden.error?.type === 'UserErrorException') {
    return {
      code: golden.error.message.includes('could not be found') ? 'CONFIG_FILE_NOT_FOUND' : 'CONFIG_FILE_INVALID',
    };
  }
  throw new Error(`No rule says what the recorded ${golden.error?.type} becomes`);
}

async function play(golden: GoldenCase): Promise<Outcome> {
  const unknown = [...Object.keys(golden), ...Object.keys(golden.kwargs)].filter(
    (key) => ![...KEYS, '_file_name'].includes(key),
  );
  if (unknown.length > 0) {
    throw new Error(`The recording has keys that this test does not know: ${unknown.join(', ')}`);
  }
  const root = await mkdtemp(join(tmpdir(), 'from-config-'));
  try {
    for (const [path, text] of Object.entries(golden.files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), textOf(path, text));
    }
    const fileName = golden.kwargs['_file_name'];
    const ws = await Workspace.fromConfig({ path: join(root, golden.path), fileName });
    return { found: [ws.subscriptionId, ws.resourceGroup, ws.workspaceName] };
  } catch (error) {
    if (!isAzuremlError(error)) {
      throw error;
    }
    const { line, column } = error.details;
    return { code: error.code, ...(line === undefined ? {} : { where: `${line}:${column}` }) };
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('Workspace.fromConfig against the recordings of from_config', () => {
  it('comes out as recorded, or as a stated rule says, in every case', async () => {
    const cases: GoldenCase[] = JSON.parse(
      await readFile(resolve(__dirname, '../../../../test/golden/webservice-v1/from-config.json'), 'utf8'),
    );
    const outcomes: Record<string, Outcome> = {};
    const wanted: Record<string, Outcome> = {};
    for (const golden of cases) {
      outcomes[golden.case] = await play(golden);
      wanted[golden.case] = expected(golden);
    }

    expect(cases.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(wanted);
  });

  it('needs the rule of the nearest folder where a far .azureml folder won', async () => {
    const golden: GoldenCase = {
      case: 'far .azureml',
      files: { 'a/.azureml/config.json': OWN_PATH, 'a/b/config.json': OWN_PATH },
      path: 'a/b',
      kwargs: {},
      found: ['a/.azureml/config.json', 'rg', 'w'],
      error: null,
    };

    expect(await play(golden)).toEqual({ found: ['a/b/config.json', 'rg', 'w'] });
    expect(await play(golden)).toEqual(expected(golden));
  });
});
