import fs from 'node:fs';
import { SEGMENT_MAGIC, type SliceFrame } from './frame.ts';
import { ownerFrame, type SegmentOwner } from './segment-owner.ts';

/** One segment file that is written to. */
export class SegmentWriter {
  readonly #descriptor: number;
  #end: number;
  #isUsable = true;

  private constructor(descriptor: number, end: number) {
    this.#descriptor = descriptor;
    this.#end = end;
  }

  /**
   * Makes the file.
   *
   * @param path Where; nothing may be there.
   * @param owner Whose slices follow.
   * @throws What the file system says; nothing is left behind then, as far as that is possible.
   */
  static create(path: string, owner: SegmentOwner): SegmentWriter {
    const descriptor = fs.openSync(path, 'wx', 0o600);
    try {
      const start = Buffer.concat([SEGMENT_MAGIC, ownerFrame(owner)]);
      if (fs.writeSync(descriptor, start, 0, start.length, 0) !== start.length) {
        throw noSpace();
      }
      return new SegmentWriter(descriptor, start.length);
    } catch (error) {
      fs.closeSync(descriptor);
      fs.rmSync(path, { force: true });
      throw error;
    }
  }

  /** Bytes of the file. */
  get byteLength(): number {
    return this.#end;
  }

  /** Whether another frame can follow; `false` when a failed one could not be taken back. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Writes a frame at the end: all of it or nothing.
   *
   * @throws What the file system says.
   */
  append(frame: SliceFrame): void {
    try {
      // The position is given each time: after a write that failed, that of the descriptor is behind the end.
      if (fs.writevSync(this.#descriptor, frame.buffers, this.#end) !== frame.byteLength) {
        throw noSpace();
      }
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#end += frame.byteLength;
  }

  /** Closes the file. */
  close(): void {
    this.#isUsable = false;
    try {
      fs.closeSync(this.#descriptor);
    } catch {
      // Nothing was buffered that could be lost.
    }
  }

  #takeBack(): void {
    try {
      fs.ftruncateSync(this.#descriptor, this.#end);
    } catch {
      // A reader stops at the torn frame, so nothing may follow it.
      this.#isUsable = false;
    }
  }
}

/** Writing less than was asked is how a full disk shows before it says so. */
function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
