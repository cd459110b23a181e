import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import type { FileStore } from '../store/file-store.ts';
import { seePieces } from '../store/see-pieces.ts';
import type { JoinSide } from './join-side.ts';

/** What a source was to the join. */
export type SourceRole = 'left' | 'right' | 'labels';

/** A file that was read. */
export interface WatchedFile {
  /** Path in the container or folder, or path of the label file. */
  readonly path: string;
  /** Bytes that were read; of a file that was read in ranges, its size when it was listed. */
  bytes: number;
  /** SHA-256 of these bytes, lower-case hexadecimal; empty for a file that was read in ranges. */
  sha256: string;
  /** The blob's ETag when it was listed. */
  readonly etag?: string | undefined;
}

/** Something that was read. */
export interface WatchedSource {
  readonly role: SourceRole;
  /** Where collected files are, without secrets. */
  readonly place?: string | undefined;
  readonly stream?: StreamIdentity | undefined;
  readonly range?: DayRange | undefined;
  readonly files: WatchedFile[];
  /** Labels that came as objects. */
  records?: number | undefined;
}

/** Keeps account of what a join reads: the bytes as they were, also of a file that grows meanwhile. */
export class SourceWatch {
  readonly sources: WatchedSource[] = [];

  /** Files of a side will be read; gives the store to read them from. */
  collected(role: SourceRole, side: JoinSide, files: readonly CollectedFile[]): FileStore {
    const { store, stream, range } = side;
    const watched = new Map<string, WatchedFile>();
    for (const { path, size, etag } of files) {
      watched.set(path, { path, bytes: size, sha256: '', etag });
    }
    this.sources.push({ role, place: store.place, stream, range, files: [...watched.values()] });
    return watchedStore(store, watched);
  }

  /** A file of labels will be read; gives its bytes. */
  file(path: string, pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const file: WatchedFile = { path, bytes: 0, sha256: '' };
    this.sources.push({ role: 'labels', files: [file] });
    return seen(pieces, file);
  }

  /** Labels came as objects. */
  records(count: number): void {
    this.sources.push({ role: 'labels', files: [], records: count });
  }
}

/** The same store, whose reads are hashed. Everything else goes to the store itself. */
function watchedStore(store: FileStore, watched: ReadonlyMap<string, WatchedFile>): FileStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') {
        return (...given: Parameters<FileStore['read']>) => {
          const [path, , range] = given;
          const pieces = target.read(...given);
          const file = watched.get(path);
          const isWhole = (range?.from ?? 0) === 0 && range?.to === undefined;
          return file === undefined || !isWhole ? pieces : seen(pieces, file);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function seen(pieces: AsyncIterable<Uint8Array>, file: WatchedFile): AsyncIterable<Uint8Array> {
  return seePieces(file.path, pieces, ({ bytes, sha256 }) => {
    file.bytes = bytes;
    file.sha256 = sha256;
  });
}
