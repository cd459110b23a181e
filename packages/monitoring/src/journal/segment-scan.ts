import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  decodeCounters,
  FRAME_HEAD_BYTES,
  isKeyFrame,
  readSliceHead,
  SEGMENT_MAGIC,
  SLICE_HEAD_BYTES,
  type SliceHead,
} from './frame.ts';
import type { JournalCounters } from './journal-types.ts';
import { readOwnerFrame, type SegmentOwner } from './segment-owner.ts';

/** Bytes read at once: checking a piece holds up the process for about a millisecond at most. */
const PIECE_BYTES = 1_048_576;
/** Names of columns take less. */
const MAX_OWNER_BYTES = 67_108_864;

/** What {@link scanSegment} found. */
export interface SegmentScan {
  /** Whose slices they are; `undefined` when not even that can be read. */
  readonly owner: SegmentOwner | undefined;
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Bytes up to the end of the last frame that can be read. */
  readonly readableBytes: number;
  /**
   * How it ends: `whole`; `torn`, in a frame whose rest was never written, as after a kill; or `damaged`: what follows
   * was written and cannot be read.
   */
  readonly ending: 'whole' | 'torn' | 'damaged';
  /** The numbers that came with the last slice. */
  readonly counters: JournalCounters | undefined;
}

/**
 * Reads a segment and checks every frame, in bounded memory, up to the first that is short or wrong.
 *
 * @param path The file.
 * @param onSlice Gets the head of every slice that can be read, and where its frame begins.
 * @throws What the file system says.
 */
export async function scanSegment(
  path: string,
  onSlice?: (head: SliceHead, offset: number) => void,
): Promise<SegmentScan> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const window = new Window(handle, size);
    const owner = await readStart(window);
    if (typeof owner === 'string') {
      return { owner: undefined, byteLength: size, readableBytes: 0, ending: owner, counters: undefined };
    }
    const { ending, readableBytes, counters } = await readSliceFrames(window, onSlice);
    return { owner, byteLength: size, readableBytes, ending, counters: await readCounters(handle, counters) };
  } finally {
    await handle.close();
  }
}

async function readStart(window: Window): Promise<SegmentOwner | 'torn' | 'damaged'> {
  const headBytes = SEGMENT_MAGIC.length + FRAME_HEAD_BYTES + 1;
  const start = await window.look(headBytes);
  const magic = start.subarray(0, SEGMENT_MAGIC.length);
  if (!magic.equals(SEGMENT_MAGIC.subarray(0, magic.length))) {
    return 'damaged';
  }
  if (start.length < headBytes) {
    return 'torn';
  }
  const bodyBytes = start.readUInt32LE(SEGMENT_MAGIC.length);
  const crc = start.readUInt32LE(SEGMENT_MAGIC.length + 4);
  if (!isKeyFrame(start, SEGMENT_MAGIC.length + FRAME_HEAD_BYTES) || bodyBytes > MAX_OWNER_BYTES) {
    return 'damaged';
  }
  window.skip(SEGMENT_MAGIC.length + FRAME_HEAD_BYTES);
  const body = await window.look(bodyBytes);
  if (body.length < bodyBytes) {
    return 'torn';
  }
  window.skip(bodyBytes);
  return (crc32(body) === crc ? readOwnerFrame(body) : undefined) ?? 'damaged';
}

interface SliceFrames {
  readonly ending: SegmentScan['ending'];
  readonly readableBytes: number;
  readonly counters: Place | undefined;
}

interface Place {
  readonly offset: number;
  readonly byteLength: number;
}

async function readSliceFrames(
  window: Window,
  onSlice: ((head: SliceHead, offset: number) => void) | undefined,
): Promise<SliceFrames> {
  const headBytes = FRAME_HEAD_BYTES + SLICE_HEAD_BYTES;
  let counters: Place | undefined;
  for (;;) {
    const { offset } = window;
    const end = (ending: SegmentScan['ending']) => ({ ending, readableBytes: offset, counters });
    // Most frames are in memory already: nothing is waited for then, and nothing made.
    if (window.inMemory < headBytes && (await window.look(headBytes)).length < headBytes) {
      return end(window.inMemory === 0 ? 'whole' : 'torn');
    }
    const { buffer, start } = window;
    const bodyBytes = buffer.readUInt32LE(start);
    const crc = buffer.readUInt32LE(start + 4);
    const head = readSliceHead(buffer, start + FRAME_HEAD_BYTES, bodyBytes);
    if (head === undefined) {
      return end('damaged');
    }
    if (bodyBytes > window.left - FRAME_HEAD_BYTES) {
      return end('torn');
    }
    window.skip(FRAME_HEAD_BYTES);
    const isInMemory = window.inMemory >= bodyBytes;
    if ((isInMemory ? crc32(window.take(bodyBytes)) : await checksum(window, bodyBytes)) !== crc) {
      return end('damaged');
    }
    counters = { offset: offset + headBytes, byteLength: head.countersBytes };
    onSlice?.(head, offset);
  }
}

async function checksum(window: Window, byteLength: number): Promise<number> {
  let crc = 0;
  let left = byteLength;
  while (left > 0) {
    if (window.inMemory === 0) {
      await window.look(1);
    }
    const part = window.take(left);
    if (part.length === 0) {
      return -1;
    }
    crc = crc32(part, crc);
    left -= part.length;
  }
  return crc;
}

async function readCounters(handle: FileHandle, place: Place | undefined): Promise<JournalCounters | undefined> {
  if (place === undefined) {
    return undefined;
  }
  const bytes = Buffer.alloc(place.byteLength);
  await handle.read(bytes, 0, bytes.length, place.offset);
  return decodeCounters(bytes);
}

/** The part of a file that is in memory; it moves from the start to the end. */
class Window {
  readonly #handle: FileHandle;
  readonly #size: number;
  /** Where in the file the next byte to be read into the buffer stands. */
  #readTo = 0;
  #filled = 0;
  /** What is in memory, among other bytes. */
  buffer: Buffer = Buffer.allocUnsafe(PIECE_BYTES);
  /** Where in the buffer the next byte stands. */
  start = 0;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Bytes in memory that come next. */
  get inMemory(): number {
    return this.#filled - this.start;
  }

  /** Where in the file the next byte stands. */
  get offset(): number {
    return this.#readTo - this.inMemory;
  }

  /** Bytes from there to the end of the file. */
  get left(): number {
    return this.#size - this.offset;
  }

  skip(bytes: number): void {
    this.start += bytes;
  }

  /** The next bytes, or as many of them as are in memory; they are behind us then. */
  take(bytes: number): Buffer {
    const end = Math.min(this.start + bytes, this.#filled);
    const taken = this.buffer.subarray(this.start, end);
    this.start = end;
    return taken;
  }

  /** The next bytes, or all that are left; they stay ahead of us. */
  async look(bytes: number): Promise<Buffer> {
    if (this.inMemory < bytes) {
      await this.#read(bytes);
    }
    return this.buffer.subarray(this.start, Math.min(this.start + bytes, this.#filled));
  }

  async #read(bytes: number): Promise<void> {
    const buffer = bytes > this.buffer.length ? Buffer.allocUnsafe(bytes) : this.buffer;
    let filled = this.buffer.copy(buffer, 0, this.start, this.#filled);
    while (filled < bytes && this.#readTo < this.#size) {
      const most = Math.min(buffer.length - filled, this.#size - this.#readTo);
      const { bytesRead } = await this.#handle.read(buffer, filled, most, this.#readTo);
      if (bytesRead === 0) {
        break;
      }
      filled += bytesRead;
      this.#readTo += bytesRead;
    }
    this.buffer = buffer;
    this.start = 0;
    this.#filled = filled;
  }
}
