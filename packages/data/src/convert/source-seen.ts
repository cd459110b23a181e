import type { FileStore } from '../store/file-store.ts';
import { type SeenBytes, seePieces } from '../store/see-pieces.ts';

/** The same store, which tells of each file that is read from it to its end. */
export function seeingStore(store: FileStore, done: (seen: SeenBytes) => void): FileStore {
  return {
    place: store.place,
    name: store.name,
    rangeBytes: store.rangeBytes,
    list: (...given) => store.list(...given),
    folders: (...given) => store.folders(...given),
    remove: (...given) => store.remove(...given),
    urlOf: (path) => store.urlOf(path),
    read: (path, ...given) => seePieces(path, store.read(path, ...given), done),
  };
}
