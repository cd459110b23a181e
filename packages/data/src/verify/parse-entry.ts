import type { LedgerEntry, LedgerGap } from '@azureml-ts/monitoring/format';

/** What a line of a ledger is: an entry, or why it is none. */
export type ParsedEntry = { readonly entry: LedgerEntry } | { readonly fault: string };

/** Reads a line of a ledger, and believes nothing of it. */
export function parseEntry(line: string): ParsedEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { fault: 'it is no JSON' };
  }
  if (typeof value !== 'object' || value === null) {
    return { fault: 'it is no object' };
  }
  const entry = value as { readonly [field in keyof LedgerEntry]: unknown };
  if (entry.version !== 1) {
    return { fault: `it has the format version ${JSON.stringify(entry.version)}, and this library knows 1` };
  }
  const wrong = wrongField(entry);
  return wrong === undefined
    ? { entry: value as LedgerEntry }
    : { fault: `its field "${wrong}" is not what it should be` };
}

function wrongField(entry: { readonly [field in keyof LedgerEntry]: unknown }): string | undefined {
  const checks: Readonly<Record<string, boolean>> = {
    stream: isStream(entry.stream),
    day: typeof entry.day === 'string',
    writer: typeof entry.writer === 'string' && entry.writer !== '',
    kind: entry.kind === 'open' || entry.kind === 'closed' || entry.kind === 'recovered',
    entry: isCount(entry.entry),
    at: typeof entry.at === 'string' && !Number.isNaN(Date.parse(entry.at)),
    lastCall: entry.lastCall === undefined || isCount(entry.lastCall),
    collected: isCount(entry.collected),
    stored: isCount(entry.stored),
    pending: isCount(entry.pending),
    dropped: isCounts(entry.dropped),
    gaps: Array.isArray(entry.gaps) && entry.gaps.every(isGap),
    moreGaps: entry.moreGaps === undefined || isCount(entry.moreGaps),
    samplingRate: typeof entry.samplingRate === 'number' && entry.samplingRate >= 0 && entry.samplingRate <= 1,
    otherIds: entry.otherIds === undefined || isCount(entry.otherIds),
    schemas: entry.schemas === undefined || (Array.isArray(entry.schemas) && entry.schemas.every(isText)),
  };
  return Object.entries(checks).find(([, isRight]) => !isRight)?.[0];
}

function isStream(stream: unknown): boolean {
  const { workspace, webserviceName, modelName, modelVersion, designation } = fieldsOf(stream);
  const { subscriptionId, resourceGroup, workspaceName } = fieldsOf(workspace);
  return [subscriptionId, resourceGroup, workspaceName, webserviceName, modelName, modelVersion, designation].every(
    isText,
  );
}

function isGap(gap: unknown): boolean {
  const { reason, first, last, rows } = fieldsOf(gap) as { [field in keyof LedgerGap]?: unknown };
  return isText(reason) && isCount(first) && isCount(last) && isCount(rows) && first > 0 && last >= first;
}

function isCounts(counts: unknown): boolean {
  return typeof counts === 'object' && counts !== null && Object.values(counts).every(isCount);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
