import { crc32 } from 'node:zlib';
import type { EncodedSlice } from '../engine/batch.ts';
import type { JournalCounters } from './journal-types.ts';

/** First bytes of every segment: which format the rest has. */
export const SEGMENT_MAGIC = Buffer.from('amljrnl1');
/** Bytes in front of each frame's content: `[length u32 LE][crc32 of the content u32 LE]`. */
export const FRAME_HEAD_BYTES = 8;
/** Bytes in front of a slice's counters and lines, within the frame. */
export const SLICE_HEAD_BYTES = 24;

const KEY_FRAME = 1;
const SLICE_FRAME = 2;

/** What stands in front of a slice's counters and lines. */
export interface SliceHead {
  /** Number of the slice. */
  readonly sequence: number;
  /** Its rows. */
  readonly rowCount: number;
  /** Bytes of its counters. */
  readonly countersBytes: number;
  /** Bytes of its lines. */
  readonly contentBytes: number;
}

/** A slice as it is written: buffers in order, and their bytes. */
export interface SliceFrame {
  /** Number of the slice. */
  readonly sequence: number;
  /** What is written, in order; the slice's pieces are among them as they are. */
  readonly buffers: readonly Buffer[];
  /** Bytes of all buffers. */
  readonly byteLength: number;
}

/** The frame that says whose slices follow. */
export function keyFrame(content: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(content));
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + 1 + json.length);
  frame[FRAME_HEAD_BYTES] = KEY_FRAME;
  json.copy(frame, FRAME_HEAD_BYTES + 1);
  const body = frame.subarray(FRAME_HEAD_BYTES);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(crc32(body), 4);
  return frame;
}

/** Reads what {@link keyFrame} was given; `undefined` when the content is that of another frame. */
export function readKeyFrame(body: Buffer): unknown {
  try {
    return isKeyFrame(body, 0) ? JSON.parse(body.toString('utf8', 1)) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a frame's content, beginning at `offset`, is that of {@link keyFrame}. */
export function isKeyFrame(buffer: Buffer, offset: number): boolean {
  return buffer[offset] === KEY_FRAME;
}

/** The frame of a slice. Its pieces are not copied: they are large. */
export function sliceFrame(slice: EncodedSlice, counters: JournalCounters): SliceFrame {
  const counterText = encodeCounters(counters);
  const countersBytes = Buffer.byteLength(counterText);
  const bodyBytes = SLICE_HEAD_BYTES + countersBytes + slice.byteLength;
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES + SLICE_HEAD_BYTES + countersBytes);
  head.writeUInt32LE(bodyBytes, 0);
  head.writeUInt32LE(SLICE_FRAME, 8);
  head.writeUInt32LE(slice.rowCount, 12);
  head.writeDoubleLE(slice.sequence, 16);
  head.writeUInt32LE(countersBytes, 24);
  head.writeUInt32LE(slice.byteLength, 28);
  head.write(counterText, FRAME_HEAD_BYTES + SLICE_HEAD_BYTES);
  let crc = crc32(head.subarray(FRAME_HEAD_BYTES));
  for (const piece of slice.pieces) {
    crc = crc32(piece, crc);
  }
  head.writeUInt32LE(crc, 4);
  return { sequence: slice.sequence, buffers: [head, ...slice.pieces], byteLength: FRAME_HEAD_BYTES + bodyBytes };
}

/**
 * Reads the head of a slice's frame.
 *
 * @param buffer Where it stands.
 * @param offset Where the frame's content begins; at least {@link SLICE_HEAD_BYTES} must follow.
 * @param bodyBytes Length of the frame's content.
 * @returns `undefined` when it is the head of no slice of that length.
 */
export function readSliceHead(buffer: Buffer, offset: number, bodyBytes: number): SliceHead | undefined {
  if (buffer.readUInt32LE(offset) !== SLICE_FRAME) {
    return undefined;
  }
  const countersBytes = buffer.readUInt32LE(offset + 16);
  const contentBytes = buffer.readUInt32LE(offset + 20);
  if (SLICE_HEAD_BYTES + countersBytes + contentBytes !== bodyBytes) {
    return undefined;
  }
  return {
    sequence: buffer.readDoubleLE(offset + 8),
    rowCount: buffer.readUInt32LE(offset + 4),
    countersBytes,
    contentBytes,
  };
}

function encodeCounters({ collected, dropped, lastCall }: JournalCounters): string {
  return JSON.stringify([collected, lastCall, dropped]);
}

/** Reads the counters of a slice; `undefined` when they are none. */
export function decodeCounters(bytes: Buffer): JournalCounters | undefined {
  try {
    const [collected, lastCall, dropped] = JSON.parse(bytes.toString()) as [number, number, Record<string, number>];
    return { collected, dropped, lastCall };
  } catch {
    return undefined;
  }
}
