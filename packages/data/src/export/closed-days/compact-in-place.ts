import { ValidationError } from '@azureml-ts/common';
import { describeStorage, openContainer, type StorageTarget } from '@azureml-ts/monitoring/format';
import { streamRoots } from '../../files/stream-selection.ts';
import { listVersions } from '../../files/versions.ts';
import { openSink } from '../../store/file-sink.ts';
import { isUnchanged, type ManifestSource, sourceOf } from '../manifest.ts';
import { ATTEMPTS, type CompactSource, eachDay, listDay } from './compact-days.ts';
import {
  type CompactedDay,
  type CompactedFile,
  type CompactOptions,
  type CompactResult,
  checkCompactOptions,
} from './compact-options.ts';
import { type DayFiles, folderOf } from './day-files.ts';
import { GroupMerge, groupPath, type MergeGroup, mergeGroups } from './merge-day.ts';
import { RewriteBlobs } from './rewrite-blobs.ts';
import {
  INTENT_NAME,
  intentBytes,
  newIntent,
  parseIntent,
  REWRITE_FOLDER,
  type RewriteFile,
  type RewriteIntent,
} from './rewrite-intent.ts';

/** Exchanges the append blobs of closed days for block blobs; see {@link CompactOptions.inPlace}. */
export async function compactInPlace(
  source: CompactSource,
  storage: StorageTarget,
  options: CompactOptions,
  now: () => number = Date.now,
): Promise<CompactResult> {
  checkCompactOptions(undefined, options);
  if ('directory' in storage) {
    throw new ValidationError({
      path: 'inPlace',
      expected: 'left out for a folder',
      message: 'inPlace exchanges append blobs for block blobs. In a folder there are neither: give a target instead.',
    });
  }
  const containerClient = await openContainer(storage);
  const sink = await openSink({ containerClient });
  const blobs = new RewriteBlobs(containerClient, source.store, sink, options.abortSignal);
  await completeAll(source, blobs, options.abortSignal);
  const days = await eachDay(source, options, now(), (day) => rewriteDay(source, day, blobs, options));
  return { place: describeStorage(storage), days };
}

async function rewriteDay(
  source: CompactSource,
  found: DayFiles,
  blobs: RewriteBlobs,
  { abortSignal }: CompactOptions,
): Promise<Omit<CompactedDay, 'day' | 'modelVersion'>> {
  let day = found;
  for (let attempt = 1; ; attempt += 1) {
    const kept: CompactedFile[] = [];
    const torn: string[] = [];
    const done: CompactedFile[] = [];
    let isChanged = false;
    for (const group of await mergeGroups(source.store, day, abortSignal)) {
      const types = await Promise.all(group.files.map(({ path }) => blobs.look(path)));
      if (types.some((type) => type?.isAppend)) {
        const result = await rewriteGroup(source, group, blobs, abortSignal);
        done.push(...(result?.files ?? []));
        torn.push(...(result?.torn ?? []));
        isChanged ||= result === undefined;
      } else {
        for (const { path, size } of group.files) {
          kept.push({ path, bytes: size, sha256: await blobs.hash(path), sources: [path] });
        }
      }
    }
    if (!isChanged || attempt === ATTEMPTS) {
      const outcome = isChanged ? 'changed' : done.length > 0 ? 'written' : 'kept';
      return { outcome, files: [...done, ...kept], torn };
    }
    day = (await listDay(source, day, abortSignal)) ?? { ...day, files: [] };
  }
}

/** @returns What was written; `undefined` when rows came meanwhile, and everything is as it was. */
async function rewriteGroup(
  source: CompactSource,
  group: MergeGroup,
  blobs: RewriteBlobs,
  abortSignal: AbortSignal | undefined,
): Promise<{ readonly files: CompactedFile[]; readonly torn: readonly string[] } | undefined> {
  const folder = group.folder + REWRITE_FOLDER;
  const merge = new GroupMerge(source.store, group, abortSignal);
  const files: RewriteFile[] = [];
  for (let number = 1; !merge.isDone; number += 1) {
    const from = merge.taken;
    const path = groupPath(group, number);
    const copy = folder + path.slice(folderOf(path).length);
    const { bytes, sha256 } = await blobs.write(copy, merge.bytes());
    await blobs.compare(copy, sha256);
    const sources = group.files.slice(from, merge.taken).map((file) => file.path);
    files.push({ path, copy, bytes, sha256, sources });
  }
  const before = group.files.map(sourceOf);
  const intent = newIntent(
    before.map(({ path, etag }) => ({ path, etag: etag ?? '' })),
    files,
  );
  // From here on, whoever comes after a crash knows the lease and the copies.
  await blobs.write(folder + INTENT_NAME, intentBytes(intent));
  const isHeld = await holdAll(before, intent, blobs).catch(async (error: unknown) => {
    // Writers should not wait for the next run.
    await Promise.allSettled(before.map(({ path }) => blobs.release(path, intent.leaseId)));
    throw error;
  });
  if (!isHeld) {
    await giveUp(folder, intent, blobs);
    return undefined;
  }
  await blobs.write(folder + INTENT_NAME, intentBytes({ ...intent, phase: 'exchange' }));
  return { files: await exchange(folder, intent, blobs), torn: merge.torn };
}

/** Leases the blobs, and tells whether they are still what was copied. */
async function holdAll(
  before: readonly ManifestSource[],
  { leaseId }: RewriteIntent,
  blobs: RewriteBlobs,
): Promise<boolean> {
  const now: ManifestSource[] = [];
  for (const { path, bytes } of before) {
    if (!(await blobs.lease(path, leaseId))) {
      return false;
    }
    // The tag changes with every append: the size need not be asked for again.
    now.push({ path, bytes, etag: (await blobs.look(path))?.etag ?? null });
  }
  return isUnchanged(before, now);
}

async function exchange(folder: string, intent: RewriteIntent, blobs: RewriteBlobs): Promise<CompactedFile[]> {
  for (const { path, etag } of intent.sources) {
    await blobs.removeSource(path, etag, intent.leaseId);
  }
  const files: CompactedFile[] = [];
  for (const { copy, path, bytes, sha256, sources } of intent.files) {
    files.push({ path: await blobs.place(copy, path, sha256), bytes, sha256, sources });
  }
  await clear(folder, intent, blobs);
  return files;
}

async function giveUp(folder: string, intent: RewriteIntent, blobs: RewriteBlobs): Promise<void> {
  for (const { path } of intent.sources) {
    await blobs.release(path, intent.leaseId);
  }
  await clear(folder, intent, blobs);
}

/** Without the intent, copies are only left over. */
async function clear(folder: string, { files }: RewriteIntent, blobs: RewriteBlobs): Promise<void> {
  await blobs.remove(folder + INTENT_NAME);
  for (const { copy } of files) {
    await blobs.remove(copy);
  }
}

/** Completes, or takes back, what earlier runs were cut off in. */
async function completeAll(
  { store, selection }: CompactSource,
  blobs: RewriteBlobs,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  const { versions = [selection.modelVersion] } = selection;
  const all = typeof versions === 'string' ? await listVersions(store, selection, abortSignal) : versions;
  for (const modelVersion of all) {
    for (const { prefix } of streamRoots({ ...selection, modelVersion, versions: undefined })) {
      const left: string[] = [];
      for await (const { path } of store.list(prefix, abortSignal)) {
        if (folderOf(path).endsWith(`/${REWRITE_FOLDER}`)) {
          left.push(path);
        }
      }
      await complete(left, store, blobs, abortSignal);
    }
  }
}

async function complete(
  left: readonly string[],
  store: CompactSource['store'],
  blobs: RewriteBlobs,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  const folders = new Set(left.map(folderOf));
  for (const folder of folders) {
    const path = folder + INTENT_NAME;
    if (left.includes(path)) {
      const pieces: Uint8Array[] = [];
      for await (const piece of store.read(path, abortSignal)) {
        pieces.push(piece);
      }
      const intent = parseIntent(path, Buffer.concat(pieces));
      await (intent.phase === 'exchange' ? exchange : giveUp)(folder, intent, blobs);
    }
  }
  for (const path of left) {
    await blobs.remove(path);
  }
}
