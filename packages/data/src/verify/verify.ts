import { AzuremlError } from '@azureml-ts/common';
import { checkSegment } from '@azureml-ts/monitoring/format';
import { compareVersions } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { parentPrefix, type StreamSelection, streamRoots } from '../files/stream-selection.ts';
import { listVersions } from '../files/versions.ts';
import type { Finding } from './finding.ts';
import { FindingList } from './finding-list.ts';
import { verifyCollection } from './json-lines/verify-collection.ts';
import { type VerifySource, verifyDesignation } from './verify-designation.ts';
import { resolveVerifyOptions, type VerifyOptions } from './verify-options.ts';
import type { DayReport, VerifiedFile, VerifyReport } from './verify-report.ts';
import { totalsOf } from './verify-totals.ts';

/**
 * Verifies one or several designations of a model; see {@link CollectedData.verify}.
 *
 * @throws What {@link CollectedData.files} throws.
 */
export async function verifyOpened(source: VerifySource, given: VerifyOptions = {}): Promise<VerifyReport> {
  const options = resolveVerifyOptions(given);
  const { store, selection, range } = source;
  options.abortSignal?.throwIfAborted();
  const designations = await designationsOf(source, given);
  const findings = new FindingList(options.strict);
  const days: DayReport[] = [];
  const files: VerifiedFile[] = [];
  let writers = 0;
  for (const designation of designations) {
    const one = { ...source, selection: selectionOf(selection, designation) };
    const verifyOne = selection.layout === 'json-lines' ? verifyCollection : verifyDesignation;
    const verified = await verifyOne(one, options, findings);
    days.push(...verified.days);
    files.push(...verified.files);
    writers += verified.writers;
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

/** The same of another designation: of JSON Lines, the folder beside. */
function selectionOf(selection: StreamSelection, designation: string): StreamSelection {
  const { folder } = selection;
  return designation === selection.designation
    ? selection
    : {
        ...selection,
        designation,
        ...(folder === undefined ? {} : { folder: `${parentPrefix(folder)}${designation}/` }),
      };
}

/** Which designations to verify. */
async function designationsOf({ store, selection }: VerifySource, options: VerifyOptions): Promise<string[]> {
  const { designations = [selection.designation], abortSignal } = options;
  if (designations !== 'all') {
    return [
      ...new Set(
        designations.map((name) => (name === selection.designation ? name : checkSegment('designations', name))),
      ),
    ];
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
