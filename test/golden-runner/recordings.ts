import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCollecting } from './collecting/collecting-runner.ts';
import { CollectingStore } from './collecting/collecting-store.ts';
import { runSecondGeneration } from './collector-v2/collector-runner.ts';
import { isSecondGeneration } from './collector-v2/recorded-case.ts';
import { runConfigFiles } from './config-runner.ts';
import type { Library } from './library.ts';
import { isCollectorCase } from './reading/collector-case.ts';
import { runReading } from './reading/reading-runner.ts';
import { scenarioEntries } from './scenario-file.ts';
import { runScenario } from './scenario-runner.ts';
import { UnreadableCase } from './strict.ts';
import { runTelemetryFile } from './telemetry/telemetry-runner.ts';
import { runValidation } from './validation-runner.ts';
import type { FileReport, Verdict } from './verdict.ts';

/** Files of a folder that this runner plays, in this order. */
const PLAYED = ['requests.json', 'validation.json', 'from-config.json'] as const;
/** What inference servers sent to Application Insights. */
const TELEMETRY = /^azmlinfsrv_.*\.ndjson$/;
const TEXTS = /\.(md|txt)$|^(LICENSE|NOTICE)$/i;

/**
 * Runs every recording below a folder: in each folder of it the files that are known by their names, and those that hold
 * a case of the Python collector, whatever the folder is called. Folders without any are reported as not run.
 *
 * @param library What to play with.
 * @param root The folder of recordings.
 * @param fallback A requests.json for a validation.json that has none beside it.
 * @param tell Is given each file's report as it comes.
 */
export async function runRecordings(
  library: Library,
  root: string,
  fallback: string,
  tell: (report: FileReport) => void,
): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const add = (file: string, verdicts: readonly Verdict[]) => {
    reports.push({ file, verdicts });
    tell({ file, verdicts });
  };
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const folder of ['', ...folders.map(({ name }) => name).sort()]) {
    const names = readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    const played = [
      ...PLAYED.filter((name) => names.includes(name)),
      ...names.filter((name) => TELEMETRY.test(name)).sort(),
      ...names.filter((name) => holds(join(root, folder, name), isSecondGeneration)).sort(),
    ];
    const cases = names
      .filter((name) => !played.includes(name) && holds(join(root, folder, name), isCollectorCase))
      .sort();
    const isPlayed = played.length > 0 || cases.length > 0;
    for (const name of played) {
      const beside = join(root, folder, 'requests.json');
      const verdicts = await runFile(library, name, join(root, folder, name), existsSync(beside) ? beside : fallback);
      add(join(folder, name), verdicts);
    }
    if (cases.length > 0) {
      const verdicts: Verdict[] = [];
      const store = new CollectingStore();
      try {
        for (const name of cases) {
          verdicts.push(...(await runCollectorFile(join(root, folder, name), store)));
        }
      } finally {
        await store.close();
      }
      add(folder, verdicts);
    }
    const others = names.filter((name) => !TEXTS.test(name) && !played.includes(name) && !cases.includes(name));
    if (isPlayed && others.length > 0) {
      const line = 'is a file that this runner does not know';
      add(
        folder,
        others.map((name) => ({ name, outcome: 'failed', lines: [line], rules: [] })),
      );
    } else if (folder !== '' && others.length > 0) {
      add(folder, [
        { name: `${others.length} files`, outcome: 'not run', lines: ['there is no runner for them yet'], rules: [] },
      ]);
    }
  }
  return reports;
}

async function runFile(library: Library, name: string, file: string, requests: string): Promise<Verdict[]> {
  try {
    if (TELEMETRY.test(name)) {
      return await runTelemetryFile(file);
    }
    const content = readJson(file);
    if (isSecondGeneration(content)) {
      return await runSecondGeneration(content);
    }
    switch (name as (typeof PLAYED)[number]) {
      case 'requests.json': {
        const verdicts: Verdict[] = [];
        for (const [scenario, entry] of scenarioEntries(content)) {
          verdicts.push(await runScenario(library, scenario, entry));
        }
        return verdicts;
      }
      case 'validation.json':
        return await runValidation(library, content, readJson(requests));
      case 'from-config.json':
        return await runConfigFiles(library, content);
    }
  } catch (error) {
    if (error instanceof UnreadableCase) {
      return [{ name: 'the file', outcome: 'failed', lines: [`cannot be read: ${error.message}`], rules: [] }];
    }
    throw error;
  }
}

/** Whether a file holds cases of a kind: those of the Python collectors are known by what they hold. */
function holds(file: string, isKind: (content: unknown) => boolean): boolean {
  try {
    return file.endsWith('.json') && isKind(readJson(file));
  } catch {
    return false;
  }
}

/** A recording of the Python collector is read, and written. */
async function runCollectorFile(file: string, store: CollectingStore): Promise<Verdict[]> {
  try {
    return [await runReading(readJson(file)), await runCollecting(readJson(file), store)];
  } catch (error) {
    if (error instanceof UnreadableCase) {
      const line = `cannot be read: ${error.message}`;
      return [{ name: basename(file), outcome: 'failed', lines: [line], rules: [] }];
    }
    throw error;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UnreadableCase(`${file} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
