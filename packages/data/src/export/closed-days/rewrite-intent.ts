import { randomUUID } from 'node:crypto';
import { AzuremlError } from '@azureml-ts/common';

/** Folder beside the rows of a day that holds what is exchanged for them, and says what it is. */
export const REWRITE_FOLDER = '_rewrite/';
/** Name of the file that says it. */
export const INTENT_NAME = 'intent.json';

/** A blob that is made. */
export interface RewriteFile {
  /** Where it goes. */
  readonly path: string;
  /** Its copy beside. */
  readonly copy: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The blobs whose rows it holds. */
  readonly sources: readonly string[];
}

/**
 * What is exchanged in a folder, written before anything is. `prepared`: nothing has been removed, and it can be given up.
 * `exchange`: blobs may have been removed, and it has to be completed from the copies.
 */
export interface RewriteIntent {
  readonly format: 'azureml-ts-rewrite';
  readonly formatVersion: 1;
  readonly phase: 'prepared' | 'exchange';
  /** The lease that keeps others from the blobs that go. */
  readonly leaseId: string;
  /** The blobs that go, with the state that they had. */
  readonly sources: readonly { readonly path: string; readonly etag: string }[];
  readonly files: readonly RewriteFile[];
}

/** An intent whose blobs are still all there. */
export function newIntent(sources: RewriteIntent['sources'], files: readonly RewriteFile[]): RewriteIntent {
  return {
    format: 'azureml-ts-rewrite',
    formatVersion: 1,
    phase: 'prepared',
    leaseId: randomUUID(),
    sources,
    files,
  };
}

/** The bytes of an intent. */
export function intentBytes(intent: RewriteIntent): Uint8Array {
  return Buffer.from(`${JSON.stringify(intent, undefined, 2)}\n`);
}

/**
 * Reads an intent.
 *
 * @throws AzuremlError `MANIFEST_UNKNOWN`: nothing may be removed then.
 */
export function parseIntent(path: string, bytes: Uint8Array): RewriteIntent {
  let intent: Partial<RewriteIntent> | undefined;
  try {
    intent = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // Told below.
  }
  if (intent?.format !== 'azureml-ts-rewrite' || intent.formatVersion !== 1) {
    throw new AzuremlError(
      'MANIFEST_UNKNOWN',
      `The file ${path} does not say what was being rewritten there. Look at the copies beside it, put them in place of missing files if there are any, and remove the folder.`,
      { details: { path } },
    );
  }
  return intent as RewriteIntent;
}
