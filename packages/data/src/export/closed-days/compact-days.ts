import { ValidationError } from '@azureml-ts/common';
import type { DayRange } from '../../files/day-range.ts';
import { findFiles } from '../../files/list-files.ts';
import type { StreamSelection } from '../../files/stream-selection.ts';
import type { ExportTarget } from '../../store/export-target.ts';
import type { FileStore } from '../../store/file-store.ts';
import { isUnchanged } from '../manifest.ts';
import { openTarget, type TargetFiles } from '../target-files.ts';
import {
  type CompactedDay,
  type CompactedFile,
  type CompactOptions,
  type CompactResult,
  checkCompactOptions,
  type ManifestDay,
} from './compact-options.ts';
import { type DayFiles, daysOf, sourcesOf, whyOpen } from './day-files.ts';
import { DayManifests } from './day-manifests.ts';
import { GroupMerge, groupPath, mergeGroups } from './merge-day.ts';

/** How often a day is written that changes meanwhile. */
export const ATTEMPTS = 3;
const CSV = 'text/csv; charset=utf-8';

/** What is rewritten. */
export interface CompactSource {
  readonly store: FileStore;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/** Writes closed days to a target; see {@link CollectedData.compactDays}. */
export async function compactTo(
  source: CompactSource,
  target: ExportTarget,
  options: CompactOptions,
  now: () => number = Date.now,
): Promise<CompactResult> {
  checkCompactOptions(target, options);
  const files = await openTarget(target);
  await checkApart(source.store, files);
  const manifests = new DayManifests(files, source.selection);
  let days: CompactedDay[];
  try {
    days = await eachDay(source, options, now(), (day) => writeDay(source, day, files, manifests, options));
  } catch (error) {
    // What is done need not be done again.
    await manifests.save().catch(() => undefined);
    throw error;
  }
  await manifests.save();
  return { place: files.sink.place, days };
}

/** A file that is written where it is read from would be read again, with the rows of those beside it. */
async function checkApart(store: FileStore, target: TargetFiles): Promise<void> {
  const name = 'any';
  if (await target.isAt(name, store.urlOf(name))) {
    throw new ValidationError({
      path: 'target',
      expected: 'another place than that of the collected rows',
      message: `The target is where the collected rows themselves are: ${target.sink.place}. Name another folder or container. Blobs are exchanged where they are with inPlace (at the command line --in-place).`,
    });
  }
}

/** Goes through the days of a source, one after the other: those that are open are told and left alone. */
export async function eachDay(
  source: CompactSource,
  options: CompactOptions,
  now: number,
  work: (day: DayFiles) => Promise<Omit<CompactedDay, 'day' | 'modelVersion'>>,
): Promise<CompactedDay[]> {
  const { abortSignal, onProgress } = options;
  const days = daysOf(await findFiles(source.store, source.selection, source.range, abortSignal));
  const done: CompactedDay[] = [];
  for (const found of days) {
    abortSignal?.throwIfAborted();
    const { day, modelVersion } = found;
    const reason = await whyOpen(source.store, found, now, abortSignal);
    const result =
      reason === undefined ? await work(found) : ({ outcome: 'open', reason, files: [], torn: [] } as const);
    done.push({ day, modelVersion, ...result });
    onProgress?.({ day: done.at(-1) as CompactedDay, daysDone: done.length, days: days.length });
  }
  return done;
}

/** Lists one day of one version again; `undefined` when it has no files of rows any more. */
export async function listDay(
  source: CompactSource,
  { day, modelVersion }: DayFiles,
  abortSignal: AbortSignal | undefined,
): Promise<DayFiles | undefined> {
  const selection = { ...source.selection, modelVersion, versions: undefined };
  return daysOf(await findFiles(source.store, selection, { from: day, to: day }, abortSignal))[0];
}

async function writeDay(
  source: CompactSource,
  found: DayFiles,
  target: TargetFiles,
  manifests: DayManifests,
  options: CompactOptions,
): Promise<Omit<CompactedDay, 'day' | 'modelVersion'>> {
  const { abortSignal, overwrite = false } = options;
  const known = await manifests.find(found, abortSignal);
  if (!overwrite && known !== undefined && (await isThere(known, found, target, abortSignal))) {
    return { outcome: 'kept', files: known.files, torn: known.torn };
  }
  let now = found;
  for (let attempt = 1; ; attempt += 1) {
    const written = await writeFiles(source.store, now, target, abortSignal);
    const names = new Set(written.files.map(({ path }) => path));
    // Rows of a file that is no longer written stand in another one now.
    for (const { path } of known?.files ?? []) {
      if (!names.has(path)) {
        await target.sink.remove(path, abortSignal);
      }
    }
    await manifests.put({ day: now.day, modelVersion: now.modelVersion, sources: sourcesOf(now), ...written });
    const after = await listDay(source, now, abortSignal);
    if (after === undefined || isUnchanged(sourcesOf(now), sourcesOf(after))) {
      return { outcome: 'written', ...written };
    }
    if (attempt === ATTEMPTS) {
      return { outcome: 'changed', ...written };
    }
    now = after;
  }
}

async function isThere(
  known: ManifestDay,
  found: DayFiles,
  target: TargetFiles,
  abortSignal: AbortSignal | undefined,
): Promise<boolean> {
  if (!isUnchanged(known.sources, sourcesOf(found))) {
    return false;
  }
  for (const { path, bytes } of known.files) {
    if ((await target.size(path, abortSignal)) !== bytes) {
      return false;
    }
  }
  return true;
}

async function writeFiles(
  store: FileStore,
  day: DayFiles,
  { sink }: TargetFiles,
  abortSignal: AbortSignal | undefined,
): Promise<Pick<ManifestDay, 'files' | 'torn'>> {
  const files: CompactedFile[] = [];
  const torn: string[] = [];
  for (const group of await mergeGroups(store, day, abortSignal)) {
    const merge = new GroupMerge(store, group, abortSignal);
    for (let number = 1; !merge.isDone; number += 1) {
      const from = merge.taken;
      const path = groupPath(group, number);
      const { bytes, sha256 } = await sink.write(path, merge.bytes(), { contentType: CSV, abortSignal });
      const sources = group.files.slice(from, merge.taken).map((file) => file.path);
      files.push({ path, bytes, sha256, sources });
    }
    torn.push(...merge.torn);
  }
  for (const { path, size, kind } of day.companions) {
    const contentType = kind === 'ledger' ? 'application/jsonl' : CSV;
    const pieces = store.read(path, abortSignal, { to: size });
    const { bytes, sha256 } = await sink.write(path, pieces, { contentType, abortSignal });
    files.push({ path, bytes, sha256, sources: [path] });
  }
  return { files, torn };
}
