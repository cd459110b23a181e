import { ValidationError } from '@azureml-ts/common';
import type { ExportPlace } from './export-place.ts';

/** What is known of the file of one day; stands beside it. */
export interface DayManifest {
  readonly schemaVersion: 1;
  /** What the traces were read from. */
  readonly target: string;
  /** UTC day. */
  readonly day: string;
  /** The first moment, and the one after the last. */
  readonly from: string;
  readonly to: string;
  readonly exportedAt: string;
  /** Lines of the file. */
  readonly rows: number;
  /** Traces that these stand for, with those that were sampled out. */
  readonly items: number;
  /** Rows that the service counted after they were read. */
  readonly countedRows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether the day is over, its late traces too, and the counts are equal: such a day is not fetched again. */
  readonly isComplete: boolean;
  /** Why it is not. */
  readonly reason: string | null;
}

/** The folder of a day. */
export function dayFolder(day: string): string {
  return day.replaceAll('-', '/');
}

/** The file of a day. */
export function tracesPath(day: string): string {
  return `${dayFolder(day)}/traces.jsonl`;
}

/** What stands beside it. */
export function manifestPath(day: string): string {
  return `${dayFolder(day)}/manifest.json`;
}

/**
 * The manifest of a day; `undefined` when there is none that can be used.
 *
 * @throws {@link ValidationError} `VALIDATION` when the place holds the traces of something else.
 */
export async function readManifest(place: ExportPlace, day: string, target: string): Promise<DayManifest | undefined> {
  const text = await place.read(manifestPath(day));
  let manifest: DayManifest | undefined;
  try {
    manifest = text === undefined ? undefined : (JSON.parse(text) as DayManifest);
  } catch {
    // As if there were none: the day is fetched again.
  }
  if (typeof manifest?.target !== 'string') {
    return undefined;
  }
  if (manifest.target.toLowerCase() !== target.toLowerCase()) {
    throw new ValidationError({
      path: '--target',
      expected: 'that of the earlier exports to this place',
      message: `${place.name} holds the traces of ${manifest.target} for ${day}, not those of ${target}. Give another place.`,
    });
  }
  return manifest;
}
