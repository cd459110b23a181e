import { dirname, join } from 'node:path';
import type { PeerError } from '../scenario-file.ts';
import type { RuleText } from './rule.ts';

/** One case of from-config.json. */
export interface ConfigCase {
  readonly files: Readonly<Record<string, string>>;
  readonly path: string;
  readonly fileName: string | undefined;
  readonly found: readonly unknown[] | null;
  readonly error: PeerError | null;
}

/** What comes out of a case. */
export interface ConfigOutcome {
  readonly found?: readonly unknown[];
  /** Code of our error. */
  readonly code?: string;
  /** Place of a fault of syntax in the file, `line:column`. */
  readonly where?: string;
}

/** A case that ends otherwise on purpose. */
export interface ConfigRule extends RuleText {
  /** Whether it is about such a case, by what was recorded. */
  applies(given: ConfigCase): boolean;
  /** What comes out instead. */
  outcome(given: ConfigCase): ConfigOutcome;
}

/** The text that stands for a file which names itself. */
export const OWN_PATH = 'config naming its own path as subscription_id';

/** Text of a file. */
export function textOf(path: string, text: string): string {
  return text === OWN_PATH
    ? JSON.stringify({ subscription_id: path, resource_group: 'rg', workspace_name: 'w' })
    : text;
}

/** The file in the nearest folder, by nothing but the list of files. */
export function nearestFile({ files, path, fileName }: ConfigCase): string | undefined {
  const names = fileName === undefined ? ['config.json', 'project.json'] : [fileName];
  const places = ['.azureml', 'aml_config', ''].flatMap((folder) => names.map((name) => join(folder, name)));
  if (path in files) {
    return path;
  }
  for (let folder = path; ; folder = dirname(folder)) {
    const place = places.map((name) => join(folder, name)).find((name) => name in files);
    if (place !== undefined || folder === '.') {
      return place;
    }
  }
}

/** Rules about which configuration file is read. The first one that applies says what comes out. */
export const CONFIG_RULES: readonly ConfigRule[] = [
  {
    id: 'byte-order-mark',
    peer: 'cannot read a file that begins with a byte order mark',
    ours: 'reads it',
    applies: ({ error }) => error?.type === 'JSONDecodeError' && error.message.includes('BOM'),
    outcome: (given) => ({ found: fieldsOf(given.files[nearestFile(given) ?? ''] ?? '{}') }),
  },
  {
    id: 'bad-json-told',
    peer: 'raises a bare JSON error that names no file',
    ours: 'names the file and the place (`CONFIG_FILE_INVALID`)',
    applies: ({ error }) => error?.type === 'JSONDecodeError',
    outcome: ({ error }) => {
      const [, line, column] = /line (\d+) column (\d+)/.exec(error?.message ?? '') ?? [];
      return { code: 'CONFIG_FILE_INVALID', where: `${line}:${column}` };
    },
  },
  {
    id: 'short-scope-told',
    peer: 'crashes on a `Scope` that is too short, and on values of other types',
    ours: 'says what is wrong (`CONFIG_FILE_INVALID`)',
    applies: ({ error }) => /^(IndexError|AttributeError|TypeError|KeyError)$/.test(error?.type ?? ''),
    outcome: () => ({ code: 'CONFIG_FILE_INVALID' }),
  },
  {
    id: 'null-is-no-value',
    peer: 'takes `null` for the id of a subscription, a resource group or a workspace',
    ours: 'refuses it (`CONFIG_FILE_INVALID`)',
    applies: ({ found }) => found?.includes(null) === true,
    outcome: () => ({ code: 'CONFIG_FILE_INVALID' }),
  },
  {
    id: 'nearest-file-wins',
    peer: 'climbs to the root for each folder name and each file name in turn, so that a `.azureml/config.json` far up wins over a `config.json` beside the caller',
    ours: 'takes the first file of the nearest folder',
    applies: (given) => {
      const path = nearestFile(given);
      return (
        given.found !== null &&
        path !== undefined &&
        JSON.stringify(fieldsOf(textOf(path, given.files[path] ?? ''))) !== JSON.stringify(given.found)
      );
    },
    outcome: (given) => {
      const path = nearestFile(given) ?? '';
      const found = fieldsOf(textOf(path, given.files[path] ?? ''));
      return found.includes(null) ? { code: 'CONFIG_FILE_INVALID' } : { found };
    },
  },
];

/** What was recorded, in our words. */
export function recordedOutcome({ found, error }: ConfigCase): ConfigOutcome {
  if (found !== null) {
    return { found };
  }
  return { code: /could not be found/.test(error?.message ?? '') ? 'CONFIG_FILE_NOT_FOUND' : 'CONFIG_FILE_INVALID' };
}

function fieldsOf(text: string): unknown[] {
  try {
    const { Scope, subscription_id, resource_group, workspace_name } = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof Scope === 'string') {
      const parts = Scope.split('/');
      return [parts[2] ?? null, parts[4] ?? null, parts[8] ?? null];
    }
    return [subscription_id ?? null, resource_group ?? null, workspace_name ?? null];
  } catch {
    return [null, null, null];
  }
}
