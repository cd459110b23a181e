import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { TraceRecord } from '@azureml-ts/insights';
import { jsonText } from '../../output/json.ts';
import type { ExportPlace } from './export-place.ts';
import type { OpenedLogs } from './logs-access.ts';
import { type DayManifest, manifestPath, readManifest, tracesPath } from './manifest.ts';

const DAY_MS = 86_400_000;
/** The service takes traces in late; a day is not complete before so much has passed since its end. */
const SETTLE_MS = 3_600_000;
/** How often a day is read whose counts differ: traces may have come in meanwhile. */
const ATTEMPTS = 3;
/** Lines are written in pieces of this many characters. */
const PIECE = 262_144;

/** What became of a day. */
export interface DayResult {
  readonly day: string;
  /** `kept`: it was complete already. */
  readonly outcome: 'exported' | 'partial' | 'mismatch' | 'kept';
  readonly manifest: DayManifest;
  readonly file: string;
}

/** What an export needs. */
export interface DayExport {
  readonly logs: OpenedLogs;
  readonly place: ExportPlace;
  readonly timeoutMs: number | undefined;
  readonly abortSignal: AbortSignal | undefined;
  /** Time; tests pass their own. */
  readonly now: () => number;
  /** Is told what goes on. */
  readonly onProgress: (message: string) => void;
}

/** Exports one UTC day, unless it is there and complete. */
export async function exportDay(day: string, work: DayExport): Promise<DayResult> {
  const { place, logs } = work;
  const file = place.urlOf(tracesPath(day));
  const known = await readManifest(place, day, logs.target);
  if (known?.isComplete === true && (await place.size(tracesPath(day))) === known.bytes) {
    return { day, outcome: 'kept', manifest: known, file };
  }
  const draft = await place.draft(tracesPath(day));
  try {
    const manifest = await fetchDay(day, draft, work);
    // The file first: a manifest never speaks of a file that is not there.
    await place.publish(draft, tracesPath(day));
    await place.write(manifestPath(day), `${JSON.stringify(manifest, undefined, 2)}\n`);
    const isMismatch = manifest.rows !== manifest.countedRows;
    const outcome = manifest.isComplete ? 'exported' : isMismatch ? 'mismatch' : 'partial';
    return { day, outcome, manifest, file };
  } finally {
    await rm(draft, { force: true });
  }
}

async function fetchDay(day: string, draft: string, work: DayExport): Promise<DayManifest> {
  const from = new Date(`${day}T00:00:00Z`);
  const end = from.getTime() + DAY_MS;
  for (let attempt = 1; ; attempt++) {
    const now = work.now();
    const to = new Date(Math.min(end, now));
    const written = await writeTraces(draft, from, to, day, work);
    const countedRows = await countTraces(from, to, work);
    const isEqual = countedRows === written.rows;
    if (!isEqual && attempt < ATTEMPTS) {
      work.onProgress(`${day}: ${written.rows} traces read, but ${countedRows} counted; reading them again`);
      continue;
    }
    const reason = !isEqual
      ? 'the counts differ'
      : now < end
        ? 'the day is not over'
        : now < end + SETTLE_MS
          ? 'traces of the day may still come in'
          : null;
    return {
      schemaVersion: 1,
      target: work.logs.target,
      day,
      from: from.toISOString(),
      to: to.toISOString(),
      exportedAt: new Date(now).toISOString(),
      ...written,
      countedRows,
      isComplete: reason === null,
      reason,
    };
  }
}

type Written = Pick<DayManifest, 'rows' | 'items' | 'bytes' | 'sha256'>;

async function writeTraces(draft: string, from: Date, to: Date, day: string, work: DayExport): Promise<Written> {
  const { readTraces } = await import('@azureml-ts/insights');
  const { target, access } = work.logs;
  const { timeoutMs, abortSignal, onProgress } = work;
  const hash = createHash('sha256');
  // Traces hold what users sent.
  const handle = await open(draft, 'w', 0o600);
  let rows = 0;
  let items = 0;
  let bytes = 0;
  let piece = '';
  const flush = async () => {
    const buffer = Buffer.from(piece);
    piece = '';
    hash.update(buffer);
    bytes += buffer.length;
    await handle.writeFile(buffer);
  };
  try {
    for await (const trace of readTraces(target, { ...access, since: from, until: to, timeoutMs, abortSignal })) {
      piece += `${traceText(trace)}\n`;
      rows += 1;
      items += trace.itemCount;
      if (piece.length >= PIECE) {
        await flush();
      }
      if (rows % 50_000 === 0) {
        onProgress(`${day}: ${rows} traces so far`);
      }
    }
    await flush();
  } finally {
    await handle.close();
  }
  return { rows, items, bytes, sha256: hash.digest('hex') };
}

async function countTraces(from: Date, to: Date, { logs, timeoutMs, abortSignal }: DayExport): Promise<number> {
  const { queryLogs, traceCountQuery } = await import('@azureml-ts/insights');
  const { target, access } = logs;
  const query = traceCountQuery({ since: from, until: to, target });
  const { rows } = await queryLogs(target, query, { ...access, timeoutMs, abortSignal });
  return Number(rows[0]?.rowCount ?? 0);
}

/** A line of the file: the trace as it is stored, its properties whole. */
function traceText(trace: TraceRecord): string {
  const { time, message, severity, properties, ...others } = trace;
  const { operationId, parentId, roleName, roleInstance, itemCount, itemId } = others;
  const ids = { operationId, parentId, roleName, roleInstance, itemCount, itemId };
  return jsonText({ time, message, severity: severity ?? null, ...ids, properties });
}
