import { asCollectedFile } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { findFiles } from '../files/list-files.ts';
import { type StreamSelection, streamRoots } from '../files/stream-selection.ts';
import type { FileStore } from '../store/file-store.ts';
import { faultTell } from './fault-tell.ts';
import type { FindingList } from './finding-list.ts';
import { judgeCase, judgeNames } from './judge-names.ts';
import { recordingStore } from './recording-store.ts';
import type { ResolvedVerifyOptions } from './verify-options.ts';
import { type VerifiedStream, verifyStream } from './verify-stream.ts';

/** What to verify. */
export interface VerifySource {
  readonly store: FileStore;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/** Verifies one designation, version by version. */
export async function verifyDesignation(
  { store, selection, range }: VerifySource,
  options: ResolvedVerifyOptions,
  findings: FindingList,
): Promise<VerifiedStream> {
  const { designation } = selection;
  const recording = recordingStore(store);
  const found = await findFiles(recording.store, selection, range, options.abortSignal);
  const versionOf = (path: string) => path.split('/')[5] ?? '';
  const versions = [...new Set([...found.files, ...found.companions].map(({ path }) => versionOf(path)))];
  const all: VerifiedStream[] = [];
  for (const modelVersion of versions.length === 0 ? [selection.modelVersion] : versions) {
    const identity = { ...selection, modelVersion, versions: undefined };
    const isOfIt = ({ path }: { readonly path: string }) => versionOf(path) === modelVersion;
    const mine = found.files.filter(isOfIt);
    const companions = found.companions.filter(isOfIt);
    const { faults, tell } = faultTell(findings, options.strict, { designation, modelVersion });
    const known = new Set([...mine, ...companions].map(({ path }) => path));
    // A listing goes by whole months: what is of other days is not looked at, nor what is of a layout that is not read.
    const inRange = recording.listed.filter(
      (file) => isOfIt(file) && isInListedRange(file.path, range) && asCollectedFile(file, '') === undefined,
    );
    judgeNames(inRange, known, mine, tell);
    if (versions.length > 0) {
      await judgeCase(store, streamRoots(identity), tell, options.abortSignal);
    }
    const ledgers = companions.filter(({ kind }) => kind === 'ledger');
    const isWhole = range.from === undefined && range.to === undefined;
    all.push(await verifyStream(store, { stream: identity, files: mine, ledgers, isWhole }, options, faults, tell));
  }
  return {
    days: all.flatMap(({ days }) => days),
    files: all.flatMap(({ files }) => files),
    writers: all.reduce((sum, { writers }) => sum + writers, 0),
  };
}

/** Tells of a path that is no file of rows whether it is of a day in the range; where there is no day, it is. */
function isInListedRange(path: string, { from, to }: DayRange): boolean {
  const [year, month, day] = path.split('/').slice(7, 10);
  if (!/^\d{4}$/.test(year ?? '') || !/^\d{1,2}$/.test(month ?? '') || !/^\d{1,2}$/.test(day ?? '')) {
    return true;
  }
  const text = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  return (from === undefined || text >= from) && (to === undefined || text <= to);
}
