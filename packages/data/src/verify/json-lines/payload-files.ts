import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { FileStore } from '../../store/file-store.ts';
import { Meter } from '../meter.ts';
import type { VerifiedFile } from '../verify-report.ts';

/** Remembers which blobs were read because a record names them, and what was read. */
export class PayloadFiles {
  /** The store, for who follows records. */
  readonly store: FileStore;
  readonly #hashes: boolean;
  readonly #read = new Map<string, { readonly day: UtcDay; readonly meter: Meter }>();
  /** Day of the file whose records are followed. */
  day: UtcDay = '';

  /**
   * @param store Where they are.
   * @param hashes Whether to hash them.
   */
  constructor(store: FileStore, hashes: boolean) {
    this.#hashes = hashes;
    const read: FileStore['read'] = (path, ...more) => this.#watch(path, store.read(path, ...more));
    this.store = new Proxy(store, {
      get(target, name) {
        if (name === 'read') {
          return read;
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Whether a blob is one that a record names. */
  has(path: string): boolean {
    return this.#read.has(path);
  }

  /** What was read, by path. Its rows count for the file of the record. */
  files(): VerifiedFile[] {
    return [...this.#read]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, { day, meter }]) => ({ path, kind: 'payload', day, rows: 0, ...meter.result }));
  }

  async *#watch(path: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const meter = new Meter(this.#hashes);
    yield* meter.measure(pieces);
    // One that is not there fails before it gets here.
    this.#read.set(path, { day: this.day, meter });
  }
}
