import type { BatchKey } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import { keyFrame, readKeyFrame } from './frame.ts';
import { readLayout } from './read-layout.ts';

/** Whose slices a segment holds. It stands in the segment itself, so that one can be read without any other file. */
export interface SegmentOwner {
  /** The writer of the rows. */
  readonly writer: string;
  /** Their file. */
  readonly key: BatchKey;
}

/** The first frame of a segment. */
export function ownerFrame({ writer, key }: SegmentOwner): Buffer {
  const { stream, day, hour, schema } = key;
  return keyFrame({ writer, stream, day, ...(hour === undefined ? {} : { hour }), ...schema.toRecord() });
}

/** Reads the first frame of a segment; `undefined` when it does not say whose slices follow. */
export function readOwnerFrame(body: Buffer): SegmentOwner | undefined {
  const content = readKeyFrame(body) as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof content !== 'object' || content === null) {
    return undefined;
  }
  const { writer, day, hour } = content;
  const stream = readStream(content['stream']);
  const schema = readLayout(content);
  if (typeof writer !== 'string' || typeof day !== 'string' || stream === undefined || schema === undefined) {
    return undefined;
  }
  return { writer, key: { stream, day, ...(typeof hour === 'string' ? { hour } : {}), schema } };
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
