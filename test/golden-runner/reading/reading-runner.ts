import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BadRecord, CollectedData, type RowsOptions } from '@azureml-ts/data';
import { ourError } from '../error-meanings.ts';
import { isSameValue, READING_RULES, ROW_RULES } from '../rules/reading-rules.ts';
import { passed, type Verdict } from '../verdict.ts';
import { CALL_COLUMNS, type CollectorCase, type RecordedBlob, readCollectorCase, routeOf } from './collector-case.ts';
import type { PythonCell } from './python-cells.ts';

/** The day on which recordings take place. It is over, so nothing of them is still being written. */
const TODAY = '2024-03-08';

interface GivenRow {
  readonly cells: readonly PythonCell[];
  readonly isOfFrame: boolean;
}

/** What became of a case so far. */
interface Findings {
  readonly lines: string[];
  readonly rules: Set<string>;
}

/**
 * Plays a recording of the Python collector: its blobs are put into a folder and read, and every value is compared with
 * what the collector was given.
 */
export async function runReading(content: unknown): Promise<Verdict> {
  const recorded = readCollectorCase(content, TODAY);
  const { name, blobs } = recorded;
  if (blobs.length === 0) {
    return { name, outcome: 'not run', lines: ['the Python collector stored nothing'], rules: [] };
  }
  const directory = await mkdtemp(join(tmpdir(), 'golden-reading-'));
  try {
    for (const { path, bytes } of blobs) {
      const file = join(directory, 'modeldata', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    const findings: Findings = { lines: [], rules: new Set() };
    const files = blobs.filter(({ path }) => !path.endsWith('/aml_telemetry.csv'));
    const rows = rowsByFile(recorded, files, findings);
    for (const blob of files) {
      await compareFile(recorded, directory, blob, rows.get(blob) ?? [], findings);
    }
    const { lines, rules } = findings;
    return lines.length === 0 ? passed(name, [...rules].sort()) : { name, outcome: 'failed', lines, rules: [] };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The rows that were given, by the file in which they belong. */
function rowsByFile(
  { calls, designation }: CollectorCase,
  files: readonly RecordedBlob[],
  { lines }: Findings,
): Map<RecordedBlob, GivenRow[]> {
  const found = new Map<RecordedBlob, GivenRow[]>();
  for (const { rows, isFrame } of calls) {
    for (const cells of rows) {
      const route = routeOf(cells, designation);
      const file = files.find(({ path, recordedPath }) =>
        route === undefined ? recordedPath.includes('{today') : path.startsWith(route),
      );
      if (file === undefined) {
        lines.push(`a row has no file: ${route ?? 'of the day of the run'}`);
        continue;
      }
      found.set(file, [...(found.get(file) ?? []), { cells, isOfFrame: isFrame }]);
    }
  }
  return found;
}

async function compareFile(
  recorded: CollectorCase,
  directory: string,
  { path, bytes }: RecordedBlob,
  given: readonly GivenRow[],
  { lines, rules }: Findings,
): Promise<void> {
  const data = await openFile(directory, path);
  const listed: string[] = [];
  for await (const file of data.files()) {
    listed.push(`${file.layout} ${file.path}`);
  }
  if (!listed.includes(`python-v1 ${path}`) || listed.some((line) => line.endsWith('aml_telemetry.csv'))) {
    lines.push(`${path} is not found; there are: ${listed.join(', ')}`);
    return;
  }
  const names = namesOf(recorded, bytes, given);
  const found = await compareRows(data, path, names, given, {});
  if (found.lines.length === 0) {
    addAll(rules, found.rules);
    return;
  }
  const told = await compareRows(data, path, names, given, { header: recorded.hasNames });
  if (told.lines.length === 0) {
    addAll(rules, [...told.rules, ROW_RULES.headerInDoubt.id]);
  } else {
    lines.push(...found.lines);
  }
}

async function compareRows(
  data: CollectedData,
  path: string,
  names: readonly string[],
  given: readonly GivenRow[],
  options: Pick<RowsOptions, 'header'>,
): Promise<Findings> {
  const findings: Findings = { lines: [], rules: new Set() };
  const { lines, rules } = findings;
  const bad: BadRecord[] = [];
  let values: Record<string, unknown>[];
  let texts: Record<string, unknown>[];
  try {
    values = await rowsOf(data, { ...options, types: 'infer', onBadRecord: (record) => bad.push(record) });
    texts = await rowsOf(data, { ...options, types: 'strings', onBadRecord: () => undefined });
  } catch (error) {
    const { code, message } = ourError(error);
    if (code === 'CSV_BAD_HEADER' && new Set(names).size < names.length) {
      rules.add(ROW_RULES.repeatedName.id);
    } else {
      lines.push(`${path} cannot be read: ${message}`);
    }
    return findings;
  }
  const cells = given.filter((row) => row.cells.length > 0);
  const rows = cells.filter((row) => row.cells.length === names.length);
  if (cells.length < given.length) {
    rules.add(ROW_RULES.emptyRow.id);
  }
  if (rows.length < cells.length) {
    rules.add(ROW_RULES.otherWidth.id);
  }
  if (bad.length !== cells.length - rows.length) {
    lines.push(`${path}: ${cells.length - rows.length} rows have another width, ${bad.length} are told of as bad`);
  }
  if (values.length !== rows.length || texts.length !== rows.length) {
    lines.push(`${path}: ${rows.length} rows were given, ${values.length} and ${texts.length} are read`);
    return findings;
  }
  for (const [index, row] of rows.entries()) {
    for (const [column, name] of names.entries()) {
      const read = [values[index]?.[name], texts[index]?.[name]] as const;
      compareCell(row, column, name, read, `${path} row ${index + 1}`, findings);
    }
  }
  return findings;
}

function addAll(rules: Set<string>, more: Iterable<string>): void {
  for (const rule of more) {
    rules.add(rule);
  }
}

function compareCell(
  row: GivenRow,
  column: number,
  name: string,
  [value, text]: readonly [value: unknown, text: unknown],
  place: string,
  { lines, rules }: Findings,
): void {
  const given = row.cells[column] ?? { kind: 'missing' as const };
  // The columns of the call are always texts.
  if (name.startsWith('$aml_') && value === text) {
    const wanted = given.kind === 'integer' ? given.digits : given.kind === 'text' ? given.text : undefined;
    if (wanted === text) {
      return;
    }
  }
  const cell = { given, isOfFrame: row.isOfFrame, value, text };
  if (isSameValue(cell)) {
    return;
  }
  const rule = READING_RULES.find((candidate) => candidate.explains(cell));
  if (rule !== undefined) {
    rules.add(rule.id);
    return;
  }
  const shown = JSON.stringify(given, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
  lines.push(`${place}, ${name}: given ${shown}, read ${JSON.stringify(value)} of the text ${JSON.stringify(text)}`);
}

/** The names of the columns, by the recording and the first line alone. */
function namesOf({ hasNames, designation }: CollectorCase, bytes: Buffer, given: readonly GivenRow[]): string[] {
  if (hasNames) {
    return firstRecord(bytes.toString('utf8'));
  }
  const cells = given[0]?.cells ?? [];
  const own = designation === 'inputs' || routeOf(cells, designation) !== undefined ? CALL_COLUMNS : [];
  return [...Array.from({ length: cells.length - own.length }, (_, index) => `column_${index + 1}`), ...own];
}

/** Cells of the first line of CSV; by nothing of what is tested here. */
function firstRecord(text: string): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r?\n|$)/y;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      break;
    }
  }
  return cells;
}

function openFile(directory: string, path: string): Promise<CollectedData> {
  const [subscriptionId = '', resourceGroup = '', workspaceName = '', ...names] = path.split('/');
  const [webserviceName = '', modelName = '', modelVersion = '', designation = '', ...date] = names;
  const day = date.slice(0, 3).join('-');
  const workspace = { subscriptionId, resourceGroup, workspaceName };
  const stream = { workspace, webserviceName, modelName, modelVersion, designation };
  return CollectedData.open({ ...stream, storage: { directory }, from: day, to: day });
}

async function rowsOf(data: CollectedData, options: RowsOptions): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of data.rows(options)) {
    rows.push(row);
  }
  return rows;
}
