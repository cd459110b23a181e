import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ourError } from './error-meanings.ts';
import { attribute, type Library } from './library.ts';
import { CONFIG_RULES, type ConfigCase, type ConfigOutcome, recordedOutcome, textOf } from './rules/config-rules.ts';
import { readError } from './scenario-file.ts';
import { anyObject, strictList, strictObject, strictText, UnreadableCase } from './strict.ts';
import { passed, type Verdict } from './verdict.ts';

/** Runs from-config.json. */
export async function runConfigFiles(library: Library, file: unknown): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [index, entry] of strictList(file, 'from-config.json').entries()) {
    try {
      verdicts.push(await runCase(library, entry));
    } catch (error) {
      if (!(error instanceof UnreadableCase)) {
        throw error;
      }
      verdicts.push({ name: `[${index}]`, outcome: 'failed', lines: [`cannot be read: ${error.message}`], rules: [] });
    }
  }
  return verdicts;
}

async function runCase(library: Library, entry: unknown): Promise<Verdict> {
  const known = ['case', 'files', 'path', 'kwargs', 'found', 'error'];
  const fields = strictObject(entry, 'the case', known, known);
  const name = strictText(fields['case'], 'case');
  const kwargs = strictObject(fields['kwargs'], 'kwargs', ['_file_name']);
  const given: ConfigCase = {
    files: anyObject(fields['files'], 'files') as ConfigCase['files'],
    path: strictText(fields['path'], 'path'),
    fileName: typeof kwargs['_file_name'] === 'string' ? kwargs['_file_name'] : undefined,
    found: fields['found'] === null ? null : strictList(fields['found'], 'found'),
    error: readError(fields['error']),
  };
  const recorded = recordedOutcome(given);
  const ours = await play(library, given);
  if (isDeepStrictEqual(withoutPlace(ours), recorded)) {
    return passed(name, []);
  }
  const rule = CONFIG_RULES.find((candidate) => candidate.applies(given));
  const wanted = rule?.outcome(given);
  const same =
    wanted !== undefined && isDeepStrictEqual(wanted.where === undefined ? withoutPlace(ours) : ours, wanted);
  return rule !== undefined && same
    ? passed(name, [rule.id])
    : {
        name,
        outcome: 'failed',
        lines: [
          `recorded ${JSON.stringify(recorded)}, ${wanted === undefined ? '' : `by rule ${JSON.stringify(wanted)}, `}ours ${JSON.stringify(ours)}`,
        ],
        rules: [],
      };
}

async function play(library: Library, { files, path, fileName }: ConfigCase): Promise<ConfigOutcome> {
  const root = await mkdtemp(join(tmpdir(), 'golden-config-'));
  try {
    for (const [place, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, place)), { recursive: true });
      await writeFile(join(root, place), textOf(place, text));
    }
    const workspace = await library.fromConfig({
      path: join(root, path),
      ...(fileName === undefined ? {} : { fileName }),
    });
    return { found: ['subscriptionId', 'resourceGroup', 'workspaceName'].map((name) => attribute(workspace, name)) };
  } catch (error) {
    const { code, message } = ourError(error);
    const { line, column } = ((error as { details?: Record<string, unknown> }).details ?? {}) as Record<
      string,
      unknown
    >;
    return { code: code ?? message, ...(line === undefined ? {} : { where: `${line}:${column}` }) };
  } finally {
    await rm(root, { recursive: true });
  }
}

function withoutPlace({ where: _, ...outcome }: ConfigOutcome): ConfigOutcome {
  return outcome;
}
