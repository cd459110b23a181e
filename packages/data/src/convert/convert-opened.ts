import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS, checkSegment, type StreamIdentity } from '@azureml-ts/monitoring/format';
import { manifestHead, sourceOf, writeManifest } from '../export/manifest.ts';
import type { CollectedFile } from '../files/collected-file.ts';
import { type DayRange, dayRange } from '../files/day-range.ts';
import { listFiles } from '../files/list-files.ts';
import { CSV_LAYOUTS, type StreamSelection } from '../files/stream-selection.ts';
import { openedFiles, type ReadSource } from '../rows/read-opened.ts';
import { checkRowsOptions } from '../rows/rows-options.ts';
import { checkConversion } from './check-conversion.ts';
import { CONVERT_LAYOUTS, inOrder, writtenCells } from './convert-layout.ts';
import type { ConversionFile, ConversionManifest, ConvertOptions, ConvertResult } from './convert-options.ts';
import { type ConvertRow, convertRows, type ReadFile } from './convert-rows.ts';
import { type ConvertTarget, openConvertTarget } from './convert-target.ts';
import { ItemCursor } from './item-cursor.ts';
import { ColumnAccounts, RowHash, rowTexts } from './row-account.ts';

/** Name of the manifest, in the folder of the new stream. */
const MANIFEST = '_conversion.json';

/** Writes rows as files of another layout, and reads them back; see {@link CollectedData.convert}. */
export async function convertOpened(opened: ReadSource, options: ConvertOptions): Promise<ConvertResult> {
  const { abortSignal, header, types = 'infer' } = options;
  checkOptions(options);
  const layout = CONVERT_LAYOUTS[options.to];
  const target = await openConvertTarget(options.target, options.to);
  const { store } = opened;
  const sources = await openedFiles({ ...opened, range: rangeOf(opened.range, options) }, { abortSignal });
  const stream = streamOf(opened.selection, sources, options);
  await checkTarget(target, layout.folder(stream), sources, options);

  const accounts = new ColumnAccounts();
  const hash = new RowHash();
  const read: ReadFile[] = [];
  const cells = writtenCells(layout, types, accounts);
  const onFile = (file: ReadFile) => void read.push(file);
  const rows = new ItemCursor(
    seen(convertRows(store, sources, { cells, header, abortSignal, onFile }), (row) => {
      hash.add(row);
      see(row, accounts);
    }),
  );
  const files: ConversionFile[] = [];
  let told = 0;
  let written = 0;
  const tell = () => {
    for (; told < read.length; told += 1) {
      const { path } = read[told] as ReadFile;
      options.onProgress?.({ path, filesDone: told + 1, files: sources.length, rows: written });
    }
  };
  try {
    for await (const file of layout.write(rows, {
      target,
      stream,
      modelVersion: options.stream?.modelVersion,
      abortSignal,
    })) {
      files.push(file);
      written += file.rows;
      tell();
    }
  } finally {
    await rows.close();
  }
  tell();

  const expected = { rows: hash.rows, sha256: hash.digest() };
  // Nothing is listed where nothing was written.
  const found = files.length === 0 ? [] : await listFiles(target.store, layout.selection(stream), {}, abortSignal);
  const paths = files.map(({ path }) => path.slice(target.root.length));
  await checkConversion(
    { store, files: sources, cells: writtenCells(layout, types, new ColumnAccounts()), header },
    { store: target.store, files: inOrder(found, paths), cells: layout.stored },
    expected,
    abortSignal,
  );
  const manifest: ConversionManifest = {
    ...manifestHead('azureml-ts-conversion', Date.now()),
    layout: { from: [...new Set(sources.map((file) => file.layout))], to: options.to },
    source: store.place,
    stream,
    folder: target.prefix + target.root + layout.folder(stream).slice(0, -1),
    types,
    sources: read.map(sourceJson),
    rows: expected.rows,
    rowsSha256: expected.sha256,
    columns: accounts.columns(),
    droppedColumns: [...new Set(read.flatMap(({ otherColumns }) => otherColumns))],
    losses: accounts.losses(),
    files,
  };
  // Last, so that a target that was not finished has none.
  const manifestPath = target.root + layout.folder(stream) + MANIFEST;
  await writeManifest(target.files, manifestPath, manifest, abortSignal);
  return { place: target.files.sink.place, manifestPath, manifest };
}

/** Passes rows on, and shows each. */
async function* seen(
  batches: AsyncIterable<readonly ConvertRow[]>,
  show: (row: ConvertRow) => void,
): AsyncGenerator<readonly ConvertRow[], void, undefined> {
  for await (const rows of batches) {
    rows.forEach(show);
    yield rows;
  }
}

/** The columns of the call are texts in every layout. */
function see(row: ConvertRow, accounts: ColumnAccounts): void {
  const texts = rowTexts(row).texts.slice(-CORRELATION_COLUMNS.length);
  for (const [at, name] of CORRELATION_COLUMNS.entries()) {
    accounts.of(name).see(texts[at] as string, undefined);
  }
}

function sourceJson({ file, bytes, sha256, rows, references }: ReadFile): ConversionManifest['sources'][number] {
  return { ...sourceOf(file), bytes, sha256, rows, ...(references.length === 0 ? {} : { references }) };
}

function checkOptions(options: ConvertOptions): void {
  if (!Object.hasOwn(CONVERT_LAYOUTS, options?.to)) {
    throw new ValidationError({ path: 'to', expected: "'documented' or 'json-lines'", received: options?.to });
  }
  checkRowsOptions({ types: options.types, header: options.header });
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
  if (versions.size > 1 && options.to !== 'json-lines') {
    throw new ValidationError({
      path: 'modelVersion',
      expected: 'one version: convert each by itself, so that rows keep their order',
      received: [...versions],
    });
  }
  if (sources.length > 0 && sources.every(({ layout }) => layout === options.to)) {
    throw new ValidationError({
      path: 'to',
      expected: 'another layout than that of the rows; compactDays copies files in their own layout',
      received: options.to,
    });
  }
  // Folders of JSON Lines have no version: every record names its own.
  const modelVersion = [...versions].join(',') || selection.modelVersion;
  const named = { ...selection, modelVersion, ...options.stream };
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
  folder: string,
  [source]: readonly CollectedFile[],
  { to, abortSignal }: ConvertOptions,
): Promise<void> {
  // Layouts of CSV have the same folders; those of JSON Lines are elsewhere.
  const areMixed = source !== undefined && CSV_LAYOUTS.includes(source.layout) && CSV_LAYOUTS.includes(to);
  if (areMixed && (await files.isAt(root + source.path, source.url))) {
    throw new ValidationError({
      path: 'target',
      expected: 'another place than that of the rows',
      message: `The target, ${store.place}, is where the rows are read from. Give another folder or container.`,
    });
  }
  for await (const { path } of store.list(folder, abortSignal)) {
    throw new AzuremlError(
      'CONVERSION_TARGET_EXISTS',
      `The target, ${store.place}, has files of this stream already, such as ${path}. Give another target, or remove what is there.`,
      { details: { path, storage: store.place } },
    );
  }
}
