import { AzuremlError, ValidationError } from '@azureml-ts/common';
import {
  checkSegment,
  type DataFileName,
  dataFilePath,
  type StreamIdentity,
  streamPrefix,
} from '@azureml-ts/monitoring/format';
import { manifestHead, sourceOf, writeManifest } from '../export/manifest.ts';
import type { CollectedFile } from '../files/collected-file.ts';
import { type DayRange, dayRange } from '../files/day-range.ts';
import { listFiles } from '../files/list-files.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import { PYTHON_EXTRA_COLUMNS } from '../rows/correlation-columns.ts';
import { openedFiles, type ReadSource } from '../rows/read-opened.ts';
import { checkConversion } from './check-conversion.ts';
import { documentedBytes, documentedColumns } from './convert-file.ts';
import type { ConversionManifest, ConvertOptions, ConvertResult } from './convert-options.ts';
import { type ConvertTarget, openConvertTarget } from './convert-target.ts';
import { ColumnAccounts, RowHash } from './row-account.ts';
import { RowCursor } from './row-cursor.ts';

/** Name of the manifest, in the folder of the new stream. */
const MANIFEST = '_conversion.json';

/** Writes rows as files of another layout, and reads them back; see {@link CollectedData.convert}. */
export async function convertOpened(opened: ReadSource, options: ConvertOptions): Promise<ConvertResult> {
  const { abortSignal } = options;
  checkOptions(options);
  const target = await openConvertTarget(options.target);
  const source = { ...opened, range: rangeOf(opened.range, options) };
  const sources = await openedFiles(source, { abortSignal });
  const stream = streamOf(opened.selection, sources, options);
  await checkTarget(target, stream, sources, abortSignal);

  const hash = new RowHash();
  const accounts = new ColumnAccounts();
  const dropped = new Set<string>();
  const isDropped = (name: string) => PYTHON_EXTRA_COLUMNS.includes(name);
  const counts: number[] = [];
  const files: ConversionManifest['files'][number][] = [];
  const parts = new Map<string, number>();
  for (const file of sources) {
    abortSignal?.throwIfAborted();
    const before = hash.rows;
    const cursor = new RowCursor(source.store, file, { types: 'infer', abortSignal });
    try {
      for (let row = await cursor.peek(); row !== undefined; row = await cursor.peek()) {
        const keys = Object.keys(row);
        for (const name of keys.filter(isDropped)) {
          dropped.add(name);
        }
        const part = (parts.get(file.day) ?? 0) + 1;
        parts.set(file.day, part);
        const start = hash.rows;
        const bytes = documentedBytes(cursor, keys, documentedColumns(keys, isDropped), hash, accounts);
        // Numbered, so that rows stay in the order in which they were stored.
        const name: DataFileName = part === 1 ? {} : { part };
        const { url: _, ...written } = await target.files.sink.write(
          target.root + dataFilePath(stream, file.day, name),
          bytes,
          { contentType: 'text/csv', ifNotExists: true, abortSignal },
        );
        files.push({ ...written, rows: hash.rows - start });
      }
    } finally {
      await cursor.close();
    }
    counts.push(hash.rows - before);
    options.onProgress?.({ path: file.path, filesDone: counts.length, files: sources.length, rows: hash.rows });
  }

  const expected = { rows: hash.rows, sha256: hash.digest() };
  // Nothing is listed where nothing was written.
  const selection: StreamSelection = { ...stream, versions: [stream.modelVersion], layout: 'documented' };
  const found = files.length === 0 ? [] : await listFiles(target.store, selection, {}, abortSignal);
  await checkConversion(
    { store: source.store, files: sources },
    { store: target.store, files: found },
    expected,
    isDropped,
    abortSignal,
  );
  const manifest: ConversionManifest = {
    ...manifestHead('azureml-ts-conversion', Date.now()),
    layout: { from: [...new Set(sources.map(({ layout }) => layout))], to: 'documented' },
    source: source.store.place,
    stream,
    sources: sources.map((file, at) => ({ ...sourceOf(file), rows: counts[at] ?? 0 })),
    rows: expected.rows,
    rowsSha256: expected.sha256,
    columns: accounts.columns(),
    droppedColumns: [...dropped],
    losses: accounts.losses(),
    files,
  };
  // Last, so that a target that was not finished has none.
  const manifestPath = `${target.root}${streamPrefix(stream)}${MANIFEST}`;
  await writeManifest(target.files, manifestPath, manifest, abortSignal);
  return { place: target.files.sink.place, manifestPath, manifest };
}

function checkOptions(options: ConvertOptions): void {
  if (options?.to !== 'documented') {
    throw new ValidationError({ path: 'to', expected: "'documented'", received: options?.to });
  }
}

/** The days that were opened, and of these those that are asked for. */
function rangeOf(opened: DayRange, { from, until }: ConvertOptions): DayRange {
  const asked = { from: dayRange(from, undefined).from, to: dayRange(undefined, until).to };
  const first = [opened.from, asked.from].filter((day) => day !== undefined).sort();
  const last = [opened.to, asked.to].filter((day) => day !== undefined).sort();
  return dayRange(first.at(-1), last.at(0));
}

function streamOf(
  selection: StreamSelection,
  sources: readonly CollectedFile[],
  options: ConvertOptions,
): StreamIdentity {
  const versions = new Set(sources.map(({ modelVersion }) => modelVersion));
  if (versions.size > 1) {
    throw new ValidationError({
      path: 'modelVersion',
      expected: 'one version: convert each by itself, so that rows keep their order',
      received: [...versions],
    });
  }
  if (sources.length > 0 && sources.every(({ layout }) => layout === 'documented')) {
    throw new ValidationError({
      path: 'to',
      expected: 'another layout than that of the rows; compactDays copies files in their own layout',
      received: options.to,
    });
  }
  const [found = selection.modelVersion] = versions;
  const named = { ...selection, modelVersion: found, ...options.stream };
  const { workspace } = named;
  const check = (name: string, value: unknown) => checkSegment(`stream.${name}`, value);
  return {
    workspace: {
      subscriptionId: check('workspace.subscriptionId', workspace.subscriptionId),
      resourceGroup: check('workspace.resourceGroup', workspace.resourceGroup),
      workspaceName: check('workspace.workspaceName', workspace.workspaceName),
    },
    webserviceName: check('webserviceName', named.webserviceName),
    modelName: check('modelName', named.modelName),
    modelVersion: check('modelVersion', named.modelVersion),
    designation: check('designation', named.designation),
  };
}

/**
 * Refuses a target in which rows would meet others.
 *
 * @throws ValidationError (`VALIDATION`); AzuremlError `CONVERSION_TARGET_EXISTS`, `STORAGE_READ_FAILED`.
 */
async function checkTarget(
  { files, store, root }: ConvertTarget,
  stream: StreamIdentity,
  [source]: readonly CollectedFile[],
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  if (source !== undefined && (await files.isAt(root + source.path, source.url))) {
    throw new ValidationError({
      path: 'target',
      expected: 'another place than that of the rows',
      message: `The target, ${store.place}, is where the rows are read from. Give another folder or container.`,
    });
  }
  for await (const { path } of store.list(streamPrefix(stream), abortSignal)) {
    throw new AzuremlError(
      'CONVERSION_TARGET_EXISTS',
      `The target, ${store.place}, has files of this stream already, such as ${path}. Give another target, or remove what is there.`,
      { details: { path, storage: store.place } },
    );
  }
}
