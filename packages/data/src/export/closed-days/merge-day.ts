import { createHash } from 'node:crypto';
import { dataFileName } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../../files/collected-file.ts';
import { readHead } from '../../rows/read-heads.ts';
import type { FileStore } from '../../store/file-store.ts';
import { type DayFiles, folderOf } from './day-files.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const CALL_COLUMNS = 4;

/** Files of a day whose headers are equal. */
export interface MergeGroup {
  /** Folder of what is written, and start of its name. */
  readonly folder: string;
  /** Whose name it gets; `undefined`: that of its only file. */
  readonly schema: { readonly hash: string | undefined } | undefined;
  /** The files, in order. */
  readonly files: readonly CollectedFile[];
  /** Length of the header of each. */
  readonly headerBytes: number;
}

/**
 * Decides which files of a day become one: those in one folder whose headers are equal, byte by byte. Files of the Python
 * package stay as they are.
 */
export async function mergeGroups(
  store: FileStore,
  { files }: DayFiles,
  abortSignal: AbortSignal | undefined,
): Promise<MergeGroup[]> {
  const groups = new Map<string, { folder: string; hash: string; headerBytes: number; files: CollectedFile[] }>();
  const single: MergeGroup[] = [];
  for (const file of files) {
    const folder = folderOf(file.path);
    const head = file.layout === 'documented' ? await readHead(store, file, { abortSignal }) : undefined;
    if (head === undefined) {
      single.push({ folder, schema: undefined, files: [file], headerBytes: 0 });
      continue;
    }
    const header = head.hasHeader ? await firstRecord(store, file, abortSignal) : new Uint8Array();
    const identity = head.hasHeader ? header : `${head.names.length - CALL_COLUMNS} unnamed features`;
    const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
    const key = `${folder}${hash}`;
    const known = groups.get(key);
    if (known === undefined) {
      groups.set(key, { folder, hash, headerBytes: header.length, files: [file] });
    } else {
      known.files.push(file);
    }
  }
  const taken = new Set<string>();
  const merged = [...groups.values()]
    // Whoever has the plain name keeps it.
    .sort((a, b) => Number(isPlain(b)) - Number(isPlain(a)))
    .map(({ folder, hash, headerBytes, files: parts }) => {
      const isFirst = !taken.has(folder);
      taken.add(folder);
      return { folder, schema: { hash: isFirst ? undefined : hash }, files: parts, headerBytes };
    });
  return [...merged, ...single];
}

function isPlain({ files }: { readonly files: readonly CollectedFile[] }): boolean {
  return files.some(({ schema, instance }) => schema === undefined && instance === undefined);
}

/** Path of the next file that a group is written to; a group has several when a file in it is torn. */
export function groupPath({ folder, schema, files }: MergeGroup, number: number): string {
  return schema === undefined
    ? (files[0]?.path ?? '')
    : folder + dataFileName({ schema: schema.hash, part: number === 1 ? undefined : number });
}

/** Writes the files of a group under each other, with one header. */
export class GroupMerge {
  /** Files that end within a record. */
  readonly torn: string[] = [];
  readonly #store: FileStore;
  readonly #group: MergeGroup;
  readonly #abortSignal: AbortSignal | undefined;
  #next = 0;

  /**
   * @param store Where the files are.
   * @param group The files.
   * @param abortSignal Ends the reading.
   */
  constructor(store: FileStore, group: MergeGroup, abortSignal: AbortSignal | undefined) {
    this.#store = store;
    this.#group = group;
    this.#abortSignal = abortSignal;
  }

  /** Whether files are left for another one. */
  get isDone(): boolean {
    return this.#next >= this.#group.files.length;
  }

  /** The files that were taken so far. */
  get taken(): number {
    return this.#next;
  }

  /**
   * The bytes of the next file to write. It ends behind the first file that does not end with a record: what follows would
   * be read as a part of that.
   *
   * Of each file, the bytes that it had when it was listed are read: in the blob of a running service they end with a
   * record, whatever comes meanwhile.
   */
  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const { files, headerBytes } = this.#group;
    for (let isFirst = true; !this.isDone; isFirst = false) {
      const file = files[this.#next] as CollectedFile;
      this.#next += 1;
      const end = new RecordEnd();
      const from = isFirst ? 0 : headerBytes;
      for await (const piece of this.#store.read(file.path, this.#abortSignal, { from, to: file.size })) {
        end.see(piece);
        yield piece;
      }
      if (file.size > from && !end.isAtEnd) {
        this.torn.push(file.path);
        return;
      }
    }
  }
}

/** Tells whether bytes end with the end of a record. */
class RecordEnd {
  #quotes = 0;
  #last = LF;

  get isAtEnd(): boolean {
    return this.#last === LF && this.#quotes % 2 === 0;
  }

  see(piece: Uint8Array): void {
    for (let at = piece.indexOf(QUOTE); at !== -1; at = piece.indexOf(QUOTE, at + 1)) {
      this.#quotes += 1;
    }
    this.#last = piece.at(-1) ?? this.#last;
  }
}

/** The first record of a file, with its line end. */
async function firstRecord(
  store: FileStore,
  file: CollectedFile,
  abortSignal: AbortSignal | undefined,
): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  let at = 0;
  let isQuoted = false;
  for await (const piece of store.read(file.path, abortSignal, { to: file.size })) {
    head = Buffer.concat([head, piece]);
    for (; at < head.length; at += 1) {
      if (head[at] === QUOTE) {
        isQuoted = !isQuoted;
      } else if (head[at] === LF && !isQuoted) {
        return head.subarray(0, at + 1);
      }
    }
  }
  return head;
}
