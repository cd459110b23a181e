import { statusOf } from '@azureml-ts/common';

/** What a failed write to a blob says about the blob. */
export type BlobFailure =
  /** Another state of the blob than the one expected; an earlier copy of the same write may have made it. */
  | 'moved'
  /** It is not there any more, or something else is. Nothing was written. */
  | 'gone'
  /** It takes no more rows. Nothing was written. */
  | 'full'
  /** The blocks that were staged are not there any more: another writer has committed meanwhile. */
  | 'unstaged'
  /** No answer came: whether it was written is unknown. */
  | 'lost'
  /** Anything else: to be tried again later. */
  | 'other';

const MOVED = new Set([
  'AppendPositionConditionNotMet',
  'ConditionNotMet',
  'TargetConditionNotMet',
  'BlobAlreadyExists',
]);
const GONE = new Set(['BlobNotFound', 'ContainerNotFound', 'ResourceNotFound', 'InvalidBlobType']);
const FULL = new Set(['BlockCountExceedsLimit', 'BlobIsSealed']);

/** Reads what the storage client threw. */
export function blobFailure(error: unknown): BlobFailure {
  const status = statusOf(error);
  const code = errorCodeOf(error);
  if (status === undefined) {
    return isAbort(error) ? 'other' : 'lost';
  }
  if (MOVED.has(code)) {
    return 'moved';
  }
  if (status === 404 || GONE.has(code)) {
    return 'gone';
  }
  if (FULL.has(code)) {
    return 'full';
  }
  return code === 'InvalidBlockList' ? 'unstaged' : 'other';
}

/** The service's name of what went wrong; empty when it gave none. */
export function errorCodeOf(error: unknown): string {
  const facts = error as { code?: unknown; details?: { errorCode?: unknown } } | null | undefined;
  const code = facts?.code ?? facts?.details?.errorCode;
  return typeof code === 'string' ? code : '';
}

function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === 'AbortError';
}
