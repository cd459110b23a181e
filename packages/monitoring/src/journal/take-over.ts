import fs from 'node:fs';
import path from 'node:path';
import { type BatchKey, keyText } from '../engine/batch.ts';
import { AbandonedFolder, AbandonedSlices } from './abandoned-folder.ts';
import { parseStateName, segmentNamesOf, stateName } from './file-names.ts';
import { type FileState, INITIAL_STATE, isGone } from './file-state.ts';
import { FoundCounters } from './found-counters.ts';
import { FREE_MARK, HeldFolder } from './held-folder.ts';
import { JournalFile, type Segment } from './journal-file.ts';
import type { JournalPlace } from './journal-place.ts';
import { type Limits, readLimits, readTombstone, writeLimits, writeTombstone } from './limits.ts';
import { type FolderOwner, readFolderOwner } from './own-folder.ts';
import { judge, newOwnerId, type ProcessIdentity } from './process-identity.ts';
import { type SegmentScan, scanSegment } from './segment-scan.ts';
import { StateFile } from './state-file.ts';
import type { Troubles } from './troubles.ts';

/** How long counts wait for a ledger that takes no entry, in milliseconds. */
const COUNTERS_KEPT_MS = 7 * 86_400_000;

/** Parts of {@link takeOver}. */
export interface TakeOverOptions {
  /** Where the folder is. */
  readonly place: JournalPlace;
  /** Who takes it. */
  readonly identity: ProcessIdentity;
  /** Told of what cannot be read. */
  readonly troubles: Troubles;
  /** Called when the folder is held. */
  readonly onHeld: (folder: HeldFolder) => void;
  /** Called when it is not held any more. */
  readonly onReleased: (folder: HeldFolder) => void;
}

/**
 * Takes a folder over from a process that has ended or is taken for dead, and reads what is in it.
 *
 * @param name What the folder is called now.
 * @param options Where, and who takes it.
 * @returns `undefined` when somebody else was quicker, or when nothing was in it: then it is removed.
 * @throws What the file system says; the folder is left to others then.
 */
export async function takeOver(name: string, options: TakeOverOptions): Promise<AbandonedFolder | undefined> {
  const { place, identity } = options;
  const held = HeldFolder.take(place, name, newOwnerId(identity));
  if (held === undefined) {
    return undefined;
  }
  options.onHeld(held);
  try {
    return await new TakeOver(name, held, options).run();
  } catch (error) {
    options.onReleased(held);
    if (!held.isHeld()) {
      held.forget();
      return undefined;
    }
    held.release();
    throw error;
  }
}

/** One file of rows, as it is found. */
interface Found {
  readonly key: BatchKey;
  readonly file: JournalFile;
  readonly rowCount: number;
  /** Its last slice, whether it waits or not. */
  readonly last: number;
}

/** A segment, as it is found. */
interface Part {
  readonly name: string;
  readonly scan: SegmentScan;
  readonly slices: readonly { readonly sequence: number; readonly rowCount: number; readonly offset: number }[];
}

class TakeOver {
  readonly #held: HeldFolder;
  readonly #options: TakeOverOptions;
  readonly #owner: FolderOwner | undefined;
  /** Name that the folder had at first. */
  readonly #maker: string;
  readonly #limits: Limits | undefined;
  /** Whether nobody can have anything in the folder open any more. */
  readonly #isLeft: boolean;
  /** Whether the process that made the folder will never ask for it. */
  readonly #isForgotten: boolean;
  readonly #counters = new FoundCounters();
  /** Segments of which nothing can be read. */
  readonly #unreadable: string[] = [];
  #writer: string;

  constructor(name: string, held: HeldFolder, options: TakeOverOptions) {
    this.#held = held;
    this.#options = options;
    this.#owner = readFolderOwner(held.path);
    this.#writer = this.#owner?.writer ?? 'unknown';
    this.#limits = readLimits(held.path);
    const isFree = name.endsWith(FREE_MARK);
    const holder = isFree ? name.slice(0, -FREE_MARK.length) : name;
    this.#maker = this.#owner?.id ?? holder;
    this.#isForgotten = (isFree && this.#maker === holder) || judge(this.#maker, options.identity) === 'dead';
    this.#isLeft = this.#isForgotten && (isFree || judge(holder, options.identity) === 'dead');
  }

  async run(): Promise<AbandonedFolder | undefined> {
    const found: Found[] = [];
    const names = fs.readdirSync(this.#held.path);
    const segmentNames = segmentNamesOf(names);
    for (const text of names) {
      const name = parseStateName(text);
      if (name !== undefined && !segmentNames.has(name)) {
        this.#learnFrom(text);
      }
    }
    for (const [name, segments] of segmentNames) {
      const file = await this.#find(name, segments);
      if (file !== undefined) {
        found.push(file);
      }
    }
    if (!this.#isForgotten) {
      this.#leaveLimits(found);
    }
    // From here on nobody can say any more that something in it is his.
    if (!this.#held.isHeld()) {
      throw this.#held.taken();
    }
    for (const { file } of found) {
      file.sweep();
    }
    for (const name of this.#unreadable) {
      fs.renameSync(this.#held.file(name), this.#asidePath(name));
    }
    return this.#finish(found.filter(({ file }) => !file.isDone));
  }

  /** A file whose slices are all stored, and whose counts the ledger does not have. */
  #learnFrom(stateName: string): void {
    const path = this.#held.file(stateName);
    const { mtimeMs } = fs.statSync(path);
    // Of a writer that cannot be named nothing can be said; and a ledger that takes no entry for so long never will.
    if (this.#owner !== undefined && (this.#held.heartbeat() ?? mtimeMs) - mtimeMs < COUNTERS_KEPT_MS) {
      this.#counters.learn(StateFile.open(path).state?.counters);
    }
  }

  async #find(name: string, segmentNames: readonly string[]): Promise<Found | undefined> {
    const { troubles } = this.#options;
    const { file: stateFile, state } = StateFile.open(this.#held.file(stateName(name)));
    if (state === undefined) {
      troubles.damagedState(stateFile.path);
    }
    if (!this.#isLeft) {
      stateFile.renew(state ?? INITIAL_STATE);
    }
    this.#counters.learn(state?.counters);
    const parts: Part[] = [];
    for (const segmentName of segmentNames) {
      parts.push(await this.#scan(segmentName));
    }
    const owner = parts.find(({ scan }) => scan.owner !== undefined)?.scan.owner;
    if (owner === undefined) {
      const damaged = parts.filter(({ scan }) => scan.ending === 'damaged');
      this.#unreadable.push(...damaged.map((part) => part.name));
      return undefined;
    }
    this.#writer = this.#owner?.writer ?? owner.writer;
    return this.#assemble(name, owner.key, parts, stateFile, state ?? INITIAL_STATE);
  }

  async #scan(name: string): Promise<Part> {
    const slices: { sequence: number; rowCount: number; offset: number }[] = [];
    const scan = await scanSegment(this.#held.file(name), ({ sequence, rowCount }, offset) => {
      slices.push({ sequence, rowCount, offset });
    });
    if (scan.ending === 'damaged') {
      const { troubles } = this.#options;
      troubles.damaged(this.#held.file(name), scan.byteLength - scan.readableBytes, this.#asidePath(name));
    }
    return { name, scan, slices };
  }

  #assemble(name: string, key: BatchKey, parts: readonly Part[], stateFile: StateFile, state: FileState): Found {
    const limit = this.#limits === undefined ? Number.POSITIVE_INFINITY : (this.#limits.get(keyText(key)) ?? 0);
    const segments: Segment[] = [];
    const waiting: number[] = [];
    let rowCount = 0;
    let last = 0;
    for (const part of parts) {
      const mine = part.slices.filter(({ sequence }) => sequence <= limit);
      const left = mine.filter(({ sequence }) => !isGone(state, sequence));
      for (const slice of left) {
        waiting.push(slice.sequence);
        rowCount += slice.rowCount;
      }
      last = mine.at(-1)?.sequence ?? last;
      segments.push({
        name: part.name,
        start: left[0]?.offset ?? part.scan.readableBytes,
        first: mine[0]?.sequence ?? 0,
        last: mine.at(-1)?.sequence ?? 0,
        byteLength: part.scan.readableBytes,
        keepAt: part.scan.ending === 'damaged' ? this.#asidePath(part.name) : undefined,
      });
      if (mine.length > 0 && part.scan.counters !== undefined) {
        this.#counters.learn({ day: key.day, ...part.scan.counters });
      }
    }
    const file = new JournalFile({ folder: this.#held, name, state, stateFile, segments, waiting });
    return { key, file, rowCount, last };
  }

  /** First in the folder, for whoever takes it next; then for the process that it was taken from. */
  #leaveLimits(found: readonly Found[]): void {
    const { place } = this.#options;
    const limits = this.#limits ?? new Map(found.map(({ key, last }) => [keyText(key), last]));
    if (this.#limits === undefined) {
      writeLimits(this.#held.path, limits);
    }
    if (readTombstone(place, this.#maker) === undefined) {
      writeTombstone(place, this.#maker, limits);
    }
  }

  #finish(found: readonly Found[]): AbandonedFolder | undefined {
    const { troubles, onReleased } = this.#options;
    const { counters } = this.#counters;
    if (found.length === 0 && counters.size === 0) {
      onReleased(this.#held);
      this.#held.remove();
      return undefined;
    }
    return new AbandonedFolder({
      folder: this.#held,
      writer: this.#writer,
      stream: this.#owner?.stream ?? found[0]?.key.stream,
      files: found.map(({ key, file, rowCount }) => {
        return new AbandonedSlices({ key, rowCount, file, folder: this.#held, troubles, counters });
      }),
      counters,
      onReleased: () => onReleased(this.#held),
    });
  }

  #asidePath(segmentName: string): string {
    return this.#options.place.pathOf(`${this.#maker}-${path.parse(segmentName).name}.damaged`);
  }
}
