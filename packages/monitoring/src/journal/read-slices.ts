import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { AzuremlError } from '@azureml-ts/common';
import type { EncodedSlice } from '../engine/batch.ts';
import { FRAME_HEAD_BYTES, readSliceHead, SLICE_HEAD_BYTES } from './frame.ts';

/** Bytes read at once; a slice that is larger is read as a whole. */
const PIECE_BYTES = 262_144;

/** Part of a segment. */
export interface SegmentRange {
  /** The file. */
  readonly path: string;
  /** Where the first frame begins. */
  readonly start: number;
  /** Where the last frame ends. */
  readonly end: number;
}

/**
 * Reads the slices of a segment one after the other. The file is opened for each piece and never held, so that nothing
 * stays open when the reader is left in between.
 *
 * @param range Which part; it was checked before.
 * @param isWanted Tells by its number whether a slice is wanted.
 * @throws What the file system says; AzuremlError `JOURNAL_DAMAGED` when the frames are not those of before any more.
 */
export async function* readSlices(
  range: SegmentRange,
  isWanted: (sequence: number) => boolean,
): AsyncGenerator<EncodedSlice> {
  let position = range.start;
  let pieceBytes = PIECE_BYTES;
  while (position < range.end) {
    const piece = await readAt(range.path, position, Math.min(pieceBytes, range.end - position));
    let offset = 0;
    let frame = frameAt(piece, offset);
    while (frame !== undefined && frame.byteLength <= piece.length - offset) {
      if (isWanted(frame.sequence)) {
        yield openFrame(range.path, piece.subarray(offset, offset + frame.byteLength));
      }
      offset += frame.byteLength;
      frame = frameAt(piece, offset);
    }
    if (offset > 0) {
      position += offset;
      pieceBytes = PIECE_BYTES;
    } else if (frame !== undefined && frame.byteLength > pieceBytes) {
      pieceBytes = frame.byteLength;
    } else {
      throw changed(range.path);
    }
  }
}

function frameAt(
  piece: Buffer,
  offset: number,
): { readonly byteLength: number; readonly sequence: number } | undefined {
  if (piece.length - offset < FRAME_HEAD_BYTES + SLICE_HEAD_BYTES) {
    return undefined;
  }
  const bodyBytes = piece.readUInt32LE(offset);
  const head = readSliceHead(piece, offset + FRAME_HEAD_BYTES, bodyBytes);
  return head === undefined ? undefined : { byteLength: FRAME_HEAD_BYTES + bodyBytes, sequence: head.sequence };
}

function openFrame(path: string, frame: Buffer): EncodedSlice {
  const body = frame.subarray(FRAME_HEAD_BYTES);
  const head = readSliceHead(frame, FRAME_HEAD_BYTES, body.length);
  if (head === undefined || crc32(body) !== frame.readUInt32LE(4)) {
    throw changed(path);
  }
  const { sequence, rowCount, countersBytes, contentBytes } = head;
  return {
    sequence,
    rowCount,
    byteLength: contentBytes,
    pieces: [body.subarray(SLICE_HEAD_BYTES + countersBytes)],
  };
}

async function readAt(path: string, position: number, byteLength: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      const { bytesRead } = await handle.read(bytes, filled, byteLength - filled, position + filled);
      if (bytesRead === 0) {
        break;
      }
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

function changed(path: string): AzuremlError {
  return new AzuremlError(
    'JOURNAL_DAMAGED',
    `${path} does not hold the rows any more that were found there before. Look for faults of the disk in the log of the system.`,
  );
}
