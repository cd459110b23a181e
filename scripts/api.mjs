/**
 * Writes the public interface of each built package as text: `node scripts/api.mjs [--out FOLDER] [package ...]`.
 *
 * Without `--out` the reports go beside the packages (`packages/<name>/api.md`), to be committed: a change of the
 * interface then shows in the diff. With it they go to `FOLDER/<name>/`, where a test compares them.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { workspacePackages } from './packages.mjs';
import { ROOT, STATE } from './paths.mjs';

/** The entries of a package that have types, by the name of their report. */
export function reportsOf(manifest) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => ({
      report: path === '.' ? 'api.md' : `api-${path.slice(2).replaceAll('/', '-')}.md`,
      types: target.import.types,
    }));
}

/** Writes one report; returns whether it differs from what was there. */
function writeReport(entry, { report, types }, folder, drafts) {
  mkdirSync(join(drafts, 'temp'), { recursive: true });
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(entry.folder, 'package.json'),
    configObjectFullPath: join(entry.folder, 'api-extractor.json'),
    configObject: {
      projectFolder: entry.folder,
      mainEntryPointFilePath: join(entry.folder, types),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'esnext.disposable'],
            module: 'node16',
            moduleResolution: 'node16',
            types: ['node'],
            typeRoots: [join(ROOT, 'node_modules', '@types')],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(entry.folder, types)],
        },
      },
      // The tool puts an ending of its own to the name, so that the report is written apart and copied.
      apiReport: {
        enabled: true,
        reportFileName: 'draft',
        reportFolder: drafts,
        reportTempFolder: join(drafts, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // Stability is told by @experimental and @deprecated alone; TSDoc syntax is not what the report is for.
        extractorMessageReporting: { default: { logLevel: 'none' }, 'ae-forgotten-export': { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
  const problems = [];
  const result = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === 'error') {
        problems.push(message.formatMessageWithLocation(ROOT));
      }
      message.handled = true;
    },
  });
  if (!result.succeeded) {
    throw new Error(`${entry.name}: ${report} could not be written.\n${problems.join('\n')}`);
  }
  const text = readFileSync(join(drafts, 'draft.api.md'), 'utf8');
  const target = join(folder, report);
  const changed = !existsSync(target) || readFileSync(target, 'utf8') !== text;
  if (changed) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(target, text);
  }
  return changed;
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
mkdirSync(STATE, { recursive: true });
const drafts = mkdtempSync(join(STATE, 'api-'));
try {
  for (const entry of workspacePackages()) {
    if (positionals.length > 0 && !positionals.includes(entry.shortName)) {
      continue;
    }
    const folder = values.out === undefined ? entry.folder : join(resolve(values.out), entry.shortName);
    for (const report of reportsOf(entry.manifest)) {
      const changed = writeReport(entry, report, folder, drafts);
      console.log(`${entry.name} ${report.report}: ${changed ? 'written' : 'unchanged'}`);
    }
  }
} finally {
  rmSync(drafts, { recursive: true, force: true });
}
