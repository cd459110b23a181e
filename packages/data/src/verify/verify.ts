import { AzuremlError } from '@azureml-ts/common';
import { checkSegment, type UtcDay } from '@azureml-ts/monitoring/format';
import { asCollectedFile, compareVersions } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { findFiles } from '../files/list-files.ts';
import { parentPrefix, type StreamSelection, streamRoots } from '../files/stream-selection.ts';
import { listVersions } from '../files/versions.ts';
import type { FileStore } from '../store/file-store.ts';
import type { Finding, FindingDraft } from './finding.ts';
import { FindingList } from './finding-list.ts';
import { judgeCase, judgeNames } from './judge-names.ts';
import { recordingStore } from './recording-store.ts';
import { resolveVerifyOptions, type VerifyOptions } from './verify-options.ts';
import type { DayReport, VerifiedFile, VerifyReport } from './verify-report.ts';
import { verifyStream } from './verify-stream.ts';
import { totalsOf } from './verify-totals.ts';

/** What to verify. */
export interface VerifySource {
  readonly store: FileStore;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/**
 * Verifies one or several designations of a model; see {@link CollectedData.verify}.
 *
 * @throws What {@link CollectedData.files} throws.
 */
export async function verifyOpened(source: VerifySource, given: VerifyOptions = {}): Promise<VerifyReport> {
  const options = resolveVerifyOptions(given);
  const { store, selection, range } = source;
  if (selection.layout === 'json-lines') {
    throw new AzuremlError(
      'NOT_SUPPORTED',
      'Rows of the layout json-lines cannot be verified: nothing beside them says how many there should be, so that none can be proven missing. Reading them with CollectedData tells of every record that is no row.',
    );
  }
  options.abortSignal?.throwIfAborted();
  const designations = await designationsOf(source, given);
  const findings = new FindingList(options.strict);
  const days: DayReport[] = [];
  const files: VerifiedFile[] = [];
  let writers = 0;
  for (const designation of designations) {
    const recording = recordingStore(store);
    const stream = { ...selection, designation };
    const found = await findFiles(recording.store, stream, range, options.abortSignal);
    const versionOf = (path: string) => path.split('/')[5] ?? '';
    const versions = [...new Set([...found.files, ...found.companions].map(({ path }) => versionOf(path)))];
    for (const modelVersion of versions.length === 0 ? [selection.modelVersion] : versions) {
      const identity = { ...stream, modelVersion, versions: undefined };
      const isOfIt = ({ path }: { readonly path: string }) => versionOf(path) === modelVersion;
      const mine = found.files.filter(isOfIt);
      const companions = found.companions.filter(isOfIt);
      const faults = new Map<UtcDay | undefined, Set<string | undefined>>();
      const tell = (finding: FindingDraft): void => {
        if (finding.severity === 'error' || options.strict) {
          faults.set(finding.day, (faults.get(finding.day) ?? new Set()).add(finding.writer));
        }
        findings.add({ designation, modelVersion, ...finding });
      };
      const known = new Set([...mine, ...companions].map(({ path }) => path));
      // A listing goes by whole months: what is of other days is not looked at, nor what is of a layout that is not read.
      const inRange = recording.listed.filter(
        (file) => isOfIt(file) && isInListedRange(file.path, range) && asCollectedFile(file, '') === undefined,
      );
      judgeNames(inRange, known, mine, tell);
      if (versions.length > 0) {
        await judgeCase(store, identity, tell, options.abortSignal);
      }
      const ledgers = companions.filter(({ kind }) => kind === 'ledger');
      const isWhole = range.from === undefined && range.to === undefined;
      const verified = await verifyStream(
        store,
        { stream: identity, files: mine, ledgers, isWhole },
        options,
        faults,
        tell,
      );
      days.push(...verified.days);
      files.push(...verified.files);
      writers += verified.writers;
    }
  }
  for (const designation of emptyOf(designations, days, given)) {
    findings.add(nothingFound(designation, selection.modelVersion, range));
  }
  const { workspace, webserviceName, modelName } = selection;
  days.sort(compareDays);
  return {
    holds: findings.errors === 0,
    range: range.from === undefined && range.to === undefined ? 'whole' : 'partial',
    from: range.from ?? null,
    to: range.to ?? null,
    verifiedAt: new Date().toISOString(),
    storage: store.place,
    stream: {
      subscriptionId: workspace.subscriptionId,
      resourceGroup: workspace.resourceGroup,
      workspaceName: workspace.workspaceName,
      webserviceName,
      modelName,
      designations,
    },
    days,
    findings: findings.sorted(),
    moreFindings: findings.more,
    files,
    totals: totalsOf(days, files, writers, findings),
  };
}

/** Whoever names a designation wants to hear of it; of all of them, some may well have nothing in a range. */
function emptyOf(names: readonly string[], days: readonly DayReport[], { designations }: VerifyOptions): string[] {
  const empty = names.filter((name) => !days.some(({ designation }) => designation === name));
  return designations === 'all' && days.length > 0 ? [] : empty;
}

function nothingFound(designation: string, modelVersion: string, { from, to }: DayRange): Finding {
  const where = from === undefined && to === undefined ? '' : ` from ${from ?? 'the first day'} to ${to ?? 'the last'}`;
  return {
    code: 'NOTHING_FOUND',
    severity: 'warning',
    designation,
    modelVersion,
    message: `There is no file and no ledger of "${designation}"${where}: nothing was proven. Check the days (UTC), the version and the layout.`,
    counts: {},
  };
}

/** Which designations to verify. */
async function designationsOf({ store, selection }: VerifySource, options: VerifyOptions): Promise<string[]> {
  const { designations = [selection.designation], abortSignal } = options;
  if (designations !== 'all') {
    return [...new Set(designations.map((name) => checkSegment('designations', name)))];
  }
  const { versions = [selection.modelVersion] } = selection;
  const models = typeof versions === 'string' ? await listVersions(store, selection, abortSignal) : versions;
  const roots = models.flatMap((modelVersion) => streamRoots({ ...selection, modelVersion, versions: undefined }));
  const parents = [...new Set(roots.map(({ prefix }) => parentPrefix(prefix)))];
  const names = await Promise.all(parents.map((parent) => store.folders(parent, abortSignal)));
  const found = [...new Set(names.flatMap((list) => list ?? []))].sort();
  if (found.length === 0) {
    throw new AzuremlError(
      'COLLECTED_DATA_NOT_FOUND',
      `There is no designation of the model at "${parents[0]}" in ${store.place}. Check the names and the version; upper and lower case count.`,
      { details: { prefix: parents[0] ?? '', storage: store.place } },
    );
  }
  return found;
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

function compareDays(one: DayReport, other: DayReport): number {
  return (
    compareTexts(one.day, other.day) ||
    compareTexts(one.designation, other.designation) ||
    compareVersions(one.modelVersion, other.modelVersion)
  );
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
