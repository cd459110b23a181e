import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { type FileState, INITIAL_STATE, readState } from './file-state.ts';

/** Bytes of a slot of a new file. */
const SLOT_BYTES = 4_096;
/** In front of the JSON: `[length u32 LE][crc32 of what follows u32 LE][generation f64 LE]`. */
const HEAD_BYTES = 16;

/**
 * The state of one file of rows on disk: two slots, written in turn, of which the newer whole one counts.
 *
 * An update overwrites the older slot in place, so that it needs no room on a disk that is full: acknowledging is what
 * makes room there. A process that ends in between leaves the other slot as it was.
 */
export class StateFile {
  /** Where it is. */
  readonly path: string;
  #slotBytes: number;
  #generation: number;

  private constructor(path: string, slotBytes: number, generation: number) {
    this.path = path;
    this.#slotBytes = slotBytes;
    this.#generation = generation;
  }

  /**
   * Makes the file.
   *
   * @throws What the file system says.
   */
  static create(path: string, state: FileState): StateFile {
    const file = new StateFile(path, SLOT_BYTES, 0);
    file.renew(state);
    return file;
  }

  /**
   * Opens a file that another process made.
   *
   * @returns `state` is `undefined` when neither slot can be read; that of a file that is not there is the first of all.
   * @throws What the file system says.
   */
  static open(path: string): { readonly file: StateFile; readonly state: FileState | undefined } {
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
      return { file: new StateFile(path, SLOT_BYTES, 0), state: INITIAL_STATE };
    }
    const slotBytes = Math.floor(bytes.length / 2);
    let newest: { readonly generation: number; readonly state: FileState } | undefined;
    for (const slot of [bytes.subarray(0, slotBytes), bytes.subarray(slotBytes)]) {
      const found = readSlot(slot);
      if (found !== undefined && found.generation > (newest?.generation ?? -1)) {
        newest = found;
      }
    }
    return { file: new StateFile(path, slotBytes, newest?.generation ?? 0), state: newest?.state };
  }

  /** Bytes of the file. */
  get byteLength(): number {
    return 2 * this.#slotBytes;
  }

  /**
   * Writes the state.
   *
   * @throws What the file system says; the state before it is still there then. `ENOENT`: the folder was taken over.
   */
  write(state: FileState): void {
    const generation = this.#generation + 1;
    const record = encode(state, generation);
    if (record.length > this.#slotBytes) {
      this.renew(state);
      return;
    }
    const descriptor = fs.openSync(this.path, 'r+');
    try {
      const position = (generation % 2) * this.#slotBytes;
      if (fs.writeSync(descriptor, record, 0, record.length, position) !== record.length) {
        throw new Error(`the state in ${this.path} was not written in full`);
      }
    } finally {
      fs.closeSync(descriptor);
    }
    this.#generation = generation;
  }

  /**
   * Puts a new file in the place of this one: with room for this state, and out of reach of those who have the old one
   * open.
   *
   * @throws What the file system says.
   */
  renew(state: FileState): void {
    const generation = this.#generation + 1;
    const record = encode(state, generation);
    let slotBytes = this.#slotBytes;
    while (slotBytes < record.length) {
      slotBytes *= 2;
    }
    // Written out in full: a file with holes would need room later.
    const bytes = Buffer.alloc(2 * slotBytes);
    record.copy(bytes, (generation % 2) * slotBytes);
    const draft = `${this.path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      fs.writeFileSync(draft, bytes, { flag: 'wx', mode: 0o600 });
      fs.renameSync(draft, this.path);
    } catch (error) {
      fs.rmSync(draft, { force: true });
      throw error;
    }
    this.#slotBytes = slotBytes;
    this.#generation = generation;
  }
}

function encode(state: FileState, generation: number): Buffer {
  const json = Buffer.from(JSON.stringify(state));
  const record = Buffer.allocUnsafe(HEAD_BYTES + json.length);
  record.writeUInt32LE(json.length, 0);
  record.writeDoubleLE(generation, 8);
  json.copy(record, HEAD_BYTES);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

function readSlot(slot: Buffer): { readonly generation: number; readonly state: FileState } | undefined {
  if (slot.length < HEAD_BYTES) {
    return undefined;
  }
  const end = HEAD_BYTES + slot.readUInt32LE(0);
  const generation = slot.readDoubleLE(8);
  // An empty slot has length 0 and generation 0.
  if (generation === 0 || end > slot.length || crc32(slot.subarray(8, end)) !== slot.readUInt32LE(4)) {
    return undefined;
  }
  try {
    const state = readState(JSON.parse(slot.toString('utf8', HEAD_BYTES, end)));
    return state === undefined ? undefined : { generation, state };
  } catch {
    return undefined;
  }
}
