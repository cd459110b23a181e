import type { CollectionSidecar } from '@azureml-ts/testing';
import type { BlobAccount } from './blob-account.ts';
import { newFolder } from './folders.ts';
import type { CollectorPlan, PlanOptions } from './plan.ts';
import { rowsOf, type StoredRow } from './stored-rows.ts';
import { identityOf, STORE_KINDS, type StoreKind, testStore } from './stores.ts';
import { textsBelow } from './texts-below.ts';

/** A kind of sink for the records of a `Collector`. Standard output is one more: only a process of its own has it. */
export type RecordKind = 'sidecar' | 'JSON Lines in blobs' | 'JSON Lines in a directory';

/** Where a collector's rows or records can go. */
export type SinkKind = StoreKind | RecordKind;

export const RECORD_KINDS: readonly RecordKind[] = ['sidecar', 'JSON Lines in blobs', 'JSON Lines in a directory'];
export const SINK_KINDS: readonly SinkKind[] = [...STORE_KINDS, ...RECORD_KINDS];
/** Those that are reached over a network. */
export const NETWORK_KINDS = SINK_KINDS.filter((kind) => !kind.includes('directory'));

/** Where the rows of one test go. */
export interface TestSink {
  readonly kind: SinkKind;
  /** What a collector is told. */
  plan(columns: readonly string[], options?: PlanOptions): CollectorPlan;
  /**
   * Rows file by file, each in order. Of the sidecar, which is no store, those of each record once, in the order in which
   * the record came first.
   */
  files(): Promise<StoredRow[][]>;
  /** How many records came to the sidecar again, under the same id. Nothing else may ever come twice: there it is 0. */
  again(): Promise<number>;
  /** Rows of each record as they came to the sidecar, with those that came again; of others none. */
  arrivals(): Promise<StoredRow[][]>;
  /** What a writer that was killed leaves behind for a time: as if that time were over. */
  forgetDead(): Promise<void>;
  /** Folders in which signs of life of writers stand. */
  readonly folders: readonly string[];
}

/** What sinks stand on, and how collectors reach it. */
export interface Reach {
  readonly account: BlobAccount;
  readonly connectionString: string;
  readonly sidecar: Pick<CollectionSidecar, 'records'>;
  /** Of the sidecar, or of what is before it. */
  readonly port: number;
}

/**
 * A sink of a kind.
 *
 * @param name Of the web service, or of the collection. Each test has its own.
 */
export function openSink(kind: SinkKind, name: string, reach: Reach): TestSink {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  switch (kind) {
    case 'sidecar':
      return sidecarSink(plain, reach);
    case 'JSON Lines in blobs':
      return jsonLinesInBlobs(plain, reach);
    case 'JSON Lines in a directory':
      return jsonLinesInFolder(plain);
    default:
      return rowsSink(kind, plain, reach);
  }
}

/** What a store that takes everything once has to say about what came twice. */
function stored(files: TestSink['files']): Pick<TestSink, 'files' | 'again' | 'arrivals'> {
  return { files, again: async () => 0, arrivals: async () => [] };
}

const nothing = async () => undefined;

function rowsSink(kind: StoreKind, service: string, { account, connectionString }: Reach): TestSink {
  const store = testStore(kind, service, account, connectionString);
  const { storage } = store.options;
  return {
    kind,
    plan: (columns, options) => ({
      columns,
      rows: { ...identityOf(service), ...store.options, designation: 'inputs', ...options },
    }),
    ...stored(async () => [...(await store.files()).values()].map(rowsOf)),
    forgetDead: () => store.forgetDead(),
    folders: 'directory' in storage ? [storage.directory] : [],
  };
}

function jsonLinesInFolder(collection: string): TestSink {
  const directory = newFolder();
  return {
    kind: 'JSON Lines in a directory',
    plan: (columns, options) => ({ columns, records: { name: collection, sink: { directory }, ...options } }),
    ...stored(async () => [...(await textsBelow(directory, '.jsonl')).values()].map(rowsOfLines)),
    forgetDead: nothing,
    folders: [directory],
  };
}

function jsonLinesInBlobs(collection: string, { account, connectionString }: Reach): TestSink {
  return {
    kind: 'JSON Lines in blobs',
    plan: (columns, options) => ({ columns, records: { name: collection, sink: { connectionString }, ...options } }),
    ...stored(async () => {
      const names = await account.list('modeldata');
      const own = names.filter((blob) => blob.includes(`/${collection}/`) && blob.endsWith('.jsonl'));
      return Promise.all(own.map(async (blob) => rowsOfLines(await account.read(`modeldata/${blob}`))));
    }),
    forgetDead: nothing,
    folders: [],
  };
}

/** Rows of lines of JSON; throws when one of them is not whole. */
export function rowsOfLines(text: string): StoredRow[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') {
    throw new Error('The last line has no end.');
  }
  return lines.flatMap((line) => textsOf((JSON.parse(line) as { data: object[] }).data));
}

function sidecarSink(collection: string, { sidecar, port }: Reach): TestSink {
  const taken = () =>
    sidecar.records().filter((record) => record.header('ce-type') === `azureml.inference.${collection}`);
  /** Body of each record by its id. */
  const first = () => {
    const bodies = new Map<string, string>();
    for (const record of taken()) {
      const id = record.header('trace-id') ?? '';
      if ((bodies.get(id) ?? record.body) !== record.body) {
        throw new Error(`The record ${id} came with different rows.`);
      }
      bodies.set(id, record.body);
    }
    return bodies;
  };
  return {
    kind: 'sidecar',
    plan: (columns, options) => ({ columns, records: { name: collection, sink: { port }, ...options } }),
    files: async () => [[...first().values()].flatMap(rowsOfBody)],
    again: async () => taken().length - first().size,
    arrivals: async () => taken().map(({ body }) => rowsOfBody(body)),
    forgetDead: nothing,
    folders: [],
  };
}

function rowsOfBody(body: string): StoredRow[] {
  return textsOf(JSON.parse(body) as object[]);
}

function textsOf(rows: readonly object[]): StoredRow[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
}
