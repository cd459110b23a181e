import { AzuremlError, type JsonValue } from '@azureml-ts/common';
import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import { VERSION } from '../version.ts';
import type { TargetFiles } from './target-files.ts';

/** A file of collected rows, as it was when it was read. */
export interface ManifestSource {
  /** Path in the container, or below `<directory>/modeldata`. */
  readonly path: string;
  /** Size in bytes when it was listed. */
  readonly bytes: number;
  /** The blob's ETag then, or what stands for it in a folder; `null` when the store tells none. */
  readonly etag: string | null;
}

/** A file that was written. */
export interface ManifestFile {
  /** Path below the target. */
  readonly path: string;
  /** Rows in it; `null` when they were not counted. */
  readonly rows: number | null;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string;
}

/** What all manifests of this package begin with. */
export interface ManifestHead {
  /** What the manifest is of. */
  readonly format: string;
  /** Raised when a reader would have to change. */
  readonly formatVersion: number;
  /** What wrote it. */
  readonly library: { readonly name: string; readonly version: string };
  /** When it was written, ISO 8601 UTC. */
  readonly createdAt: string;
}

/**
 * Name of the manifest in its folder. Readers of whole folders (Spark, pyarrow, DuckDB's wildcards for data) pass over names
 * that start with an underscore.
 */
export const MANIFEST_NAME = '_manifest.json';

/** The beginning of a manifest. */
export function manifestHead<F extends string>(format: F, now: number) {
  const library = { name: '@azureml-ts/data', version: VERSION };
  return { format, formatVersion: 1 as const, library, createdAt: new Date(now).toISOString() };
}

/** A listed file, for a manifest. */
export function sourceOf(file: {
  readonly path: string;
  readonly size: number;
  readonly etag?: string | undefined;
}): ManifestSource {
  return { path: file.path, bytes: file.size, etag: file.etag ?? null };
}

/** Tells whether two lists of sources are the same files in the same state. */
export function isUnchanged(before: readonly ManifestSource[], now: readonly ManifestSource[]): boolean {
  const known = new Map(before.map((source) => [source.path, source]));
  return (
    before.length === now.length &&
    now.every(({ path, bytes, etag }) => {
      const source = known.get(path);
      return source !== undefined && source.bytes === bytes && source.etag === etag;
    })
  );
}

/** What the rows are called, for a manifest. */
export function streamJson({ workspace, ...stream }: StreamIdentity): JsonValue {
  const { webserviceName, modelName, modelVersion, designation } = stream;
  return { workspace: { ...workspace }, webserviceName, modelName, modelVersion, designation };
}

/**
 * Reads the manifest of an earlier run.
 *
 * @param path Its path below the target.
 * @param format What it must be of.
 * @returns The manifest; `undefined` when there is none.
 * @throws AzuremlError `MANIFEST_UNKNOWN` when it is none of this format and version; `STORAGE_READ_FAILED`.
 */
export async function readManifest<T extends ManifestHead>(
  target: TargetFiles,
  path: string,
  format: T['format'],
  abortSignal: AbortSignal | undefined,
): Promise<T | undefined> {
  const bytes = await target.read(path, abortSignal);
  if (bytes === undefined) {
    return undefined;
  }
  const manifest = parse(bytes);
  if (manifest?.format !== format || manifest.formatVersion !== 1) {
    const what =
      manifest?.format === undefined ? 'something else' : `${manifest.format}, version ${manifest.formatVersion}`;
    throw new AzuremlError(
      'MANIFEST_UNKNOWN',
      `The file ${path} in ${target.sink.place} is of ${what}, not of ${format}, version 1. Write to another place, or remove what is there.`,
      { details: { path, storage: target.sink.place } },
    );
  }
  return manifest as T;
}

/** Writes a manifest. */
export async function writeManifest(
  target: TargetFiles,
  path: string,
  manifest: ManifestHead,
  abortSignal?: AbortSignal | undefined,
): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  await target.sink.write(path, text, { contentType: 'application/json', abortSignal });
}

function parse(bytes: Uint8Array): Partial<ManifestHead> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
