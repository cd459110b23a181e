import type { FileStore, StoredFile } from '../store/file-store.ts';

/** A store that remembers every file that it has listed: one listing finds the rows, and what else stands there. */
export function recordingStore(store: FileStore): { readonly store: FileStore; readonly listed: StoredFile[] } {
  const listed: StoredFile[] = [];
  const seen = new Set<string>();
  const list: FileStore['list'] = async function* (...given) {
    for await (const file of store.list(...given)) {
      if (!seen.has(file.path)) {
        seen.add(file.path);
        listed.push(file);
      }
      yield file;
    }
  };
  const recording = new Proxy(store, {
    get(target, name) {
      if (name === 'list') {
        return list;
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: recording, listed };
}
