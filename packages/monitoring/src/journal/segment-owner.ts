import type { BatchKey } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import { RowSchema } from '../rows/row-schema.ts';
import { keyFrame, readKeyFrame } from './frame.ts';

/** Whose slices a segment holds. It stands in the segment itself, so that one can be read without any other file. */
export interface SegmentOwner {
  /** The writer of the rows. */
  readonly writer: string;
  /** Their file. */
  readonly key: BatchKey;
}

/** The first frame of a segment. */
export function ownerFrame({ writer, key }: SegmentOwner): Buffer {
  const { stream, day, schema } = key;
  return keyFrame({
    writer,
    stream,
    day,
    ...(schema.names === undefined ? { width: schema.width } : { names: schema.names }),
  });
}

/** Reads the first frame of a segment; `undefined` when it does not say whose slices follow. */
export function readOwnerFrame(body: Buffer): SegmentOwner | undefined {
  const content = readKeyFrame(body) as
    | {
        writer?: unknown;
        stream?: unknown;
        day?: unknown;
        names?: unknown;
        width?: unknown;
      }
    | null
    | undefined;
  if (typeof content !== 'object' || content === null) {
    return undefined;
  }
  const { writer, day, names, width } = content;
  const stream = readStream(content.stream);
  const features = Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : width;
  if (
    typeof writer !== 'string' ||
    typeof day !== 'string' ||
    stream === undefined ||
    !(Array.isArray(features) || typeof features === 'number')
  ) {
    return undefined;
  }
  return { writer, key: { stream, day, schema: new RowSchema(features) } };
}

/** A stream as JSON had it; `undefined` when it is none. */
export function readStream(value: unknown): StreamIdentity | undefined {
  const stream = value as Partial<StreamIdentity> | null | undefined;
  const { workspace } = stream ?? {};
  const parts = [
    workspace?.subscriptionId,
    workspace?.resourceGroup,
    workspace?.workspaceName,
    stream?.webserviceName,
    stream?.modelName,
    stream?.modelVersion,
    stream?.designation,
  ];
  return parts.every((part) => typeof part === 'string') ? (stream as StreamIdentity) : undefined;
}
