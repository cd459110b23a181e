import { ValidationError } from '@azureml-ts/common';
import type { CollectedFile } from '@azureml-ts/data';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { hasColors } from '../../output/colors.ts';
import { writeDocument } from '../../output/documents.ts';
import { type Row, tableText } from '../../output/table.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';

interface FilesOptions extends StreamOptions {
  readonly versions?: boolean;
  readonly output: 'table' | 'json';
}

/**
 * `azureml-ts data files`: lists the files of collected rows, or the versions of the model.
 *
 * @param data Gets the command.
 * @param io Where the list goes.
 */
export function addDataFiles(data: Command, io: CommandIo): void {
  addStreamOptions(data.command('files').description('list the files of collected rows'))
    .option('--versions', 'list the versions of the model instead')
    .addOption(new Option('--output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action((options: FilesOptions) => (options.versions === true ? listVersions : listFiles)(options, io));
}

async function listFiles(options: FilesOptions, io: CommandIo): Promise<void> {
  const collected = await openCollected(options, io);
  const files: CollectedFile[] = [];
  for await (const file of collected.files({ abortSignal: io.abortSignal })) {
    files.push(file);
  }
  const totals = {
    files: files.length,
    days: new Set(files.map(({ day }) => day)).size,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
  if (options.output === 'json') {
    await writeDocument(io, { files: files.map(jsonOf), totals });
  } else {
    await writeTable(
      io,
      files.map(({ day, modelVersion, layout, size, path }) => ({ day, version: modelVersion, layout, size, path })),
    );
    io.writeError(
      files.length === 0
        ? 'azureml-ts: no files there. Check --from and --to (UTC).\n'
        : `azureml-ts: ${totals.files} ${totals.files === 1 ? 'file' : 'files'} of ${totals.days} ${totals.days === 1 ? 'day' : 'days'}, ${totals.bytes} bytes.\n`,
    );
  }
}

async function listVersions(options: FilesOptions, io: CommandIo): Promise<void> {
  if (options.layout === 'json-lines') {
    const message = 'Leave --versions out with --layout json-lines: its paths tell no versions.';
    throw new ValidationError({ path: '--versions', expected: 'left out', message });
  }
  const versions = await (await openCollected(options, io)).versions({ abortSignal: io.abortSignal });
  if (options.output === 'json') {
    await writeDocument(io, { versions });
    return;
  }
  await writeTable(
    io,
    versions.map((version) => ({ version })),
  );
  if (versions.length === 0) {
    io.writeError('azureml-ts: the model has no versions there. Check the names, and their case.\n');
  }
}

/** Every field is there, so that a reader need not ask which are. */
function jsonOf({ day, modelVersion, layout, size, path, url, hour, collectionName, ...name }: CollectedFile): Row {
  return {
    path,
    day,
    hour: hour ?? null,
    size,
    layout,
    modelVersion,
    collectionName: collectionName ?? null,
    schema: name.schema ?? null,
    part: name.part ?? null,
    instance: name.instance ?? null,
    url,
  };
}

/** Writes in pages, so that a reader that has seen enough ends it. */
async function writeTable(io: CommandIo, rows: readonly Row[]): Promise<void> {
  // One width for all pages; a path is worth nothing when it is cut.
  const lines = tableText(rows, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }).split('\n');
  lines.pop();
  for (let at = 0; at < lines.length; at += PAGE_LINES) {
    await io.writeOut(`${lines.slice(at, at + PAGE_LINES).join('\n')}\n`);
  }
}

const PAGE_LINES = 500;
