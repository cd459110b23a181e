import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { type Azurite, type BlobFaultProxy, startBlobFaultProxy } from '@azureml-ts/testing';
import { dataFilePath, streamPrefix } from '../../src/format/blob-path.ts';
import { type LedgerEntry, ledgerPath } from '../../src/format/ledger.ts';
import { BlobSink } from '../../src/sinks/blob-sink.ts';
import { DirectorySink, type DirectorySinkOptions } from '../../src/sinks/directory-sink.ts';
import { FileLock } from '../../src/sinks/file-lock.ts';
import { MemorySink } from '../../src/sinks/memory-sink.ts';
import { filesBelow, temporaryFolder } from '../support/workspace.ts';
import type { SinkSubject } from './contract.ts';
import { DAY } from './give.ts';

function isRows(file: string): boolean {
  return file.endsWith('.csv');
}

function entriesOf(text: string | undefined): LedgerEntry[] {
  const lines = (text ?? '').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LedgerEntry);
}

/** The memory is in the sink, so a new one would have no memory. */
export async function memorySubject(): Promise<SinkSubject> {
  const sink = new MemorySink();
  return {
    open: () => sink,
    files: async (stream) => {
      const files = sink.files().filter((file) => file.startsWith(streamPrefix(stream)));
      return new Map(files.map((file) => [file, sink.text(file)]));
    },
    ledger: async (stream, day) =>
      sink.ledger.filter((entry) => entry.day === day && streamPrefix(entry.stream) === streamPrefix(stream)),
    hang: async () => {
      let isHit = false;
      sink.before = () => {
        isHit = true;
        return new Promise(() => undefined);
      };
      return {
        isHit: () => isHit,
        end: async () => {
          sink.before = () => undefined;
        },
      };
    },
    close: async () => undefined,
  };
}

/** Writers reach the folder by paths of their own. */
export async function directorySubject(options: DirectorySinkOptions = {}): Promise<SinkSubject> {
  const base = await temporaryFolder();
  const directory = path.join(base, 'rows');
  await mkdir(directory);
  for (const writer of [1, 2]) {
    await symlink(directory, path.join(base, `rows-${writer}`));
  }
  const filesOf = async (prefix: string) => {
    const files = [...(await filesBelow(directory))].map(
      ([file, text]) => [file.replace(/^modeldata\//, ''), text] as const,
    );
    return new Map(files.filter(([file]) => file.startsWith(prefix)));
  };
  return {
    open: (writer = 0) => new DirectorySink(writer === 0 ? directory : path.join(base, `rows-${writer}`), options),
    files: async (stream) => {
      const files = await filesOf(streamPrefix(stream));
      // Nothing but files of rows is left lying.
      expect([...files.keys()].filter((file) => !isRows(file))).toEqual([]);
      return files;
    },
    ledger: async (stream, day) => entriesOf((await filesOf('')).get(ledgerPath(stream, day))),
    hang: async (stream) => {
      const file = path.join(directory, 'modeldata', dataFilePath(stream, DAY));
      const lock = await FileLock.acquire(file, { abortSignal: new AbortController().signal });
      // The next one waits for the lock from its first step on.
      return { isHit: () => true, end: () => lock.release(true) };
    },
    close: async () => undefined,
  };
}

/** Writers reach the store through proxies of their own. */
export async function blobSubject(
  azurite: Azurite,
  blobType: 'append' | 'block',
  faults: (proxy: BlobFaultProxy) => void = () => undefined,
): Promise<SinkSubject> {
  const proxies: BlobFaultProxy[] = [];
  for (let writer = 0; writer < 3; writer += 1) {
    const proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    faults(proxy);
    proxies.push(proxy);
  }
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
  const text = async (name: string) => (await container.getBlobClient(name).downloadToBuffer()).toString();
  return {
    open: (writer = 0) => new BlobSink({ connectionString: proxies[writer]?.connectionString ?? '' }, { blobType }),
    files: async (stream) => {
      const files = new Map<string, string>();
      for await (const { name } of container.listBlobsFlat({ prefix: streamPrefix(stream) })) {
        files.set(name, await text(name));
      }
      return files;
    },
    ledger: async (stream, day) => entriesOf(await text(ledgerPath(stream, day))),
    hang: async () => {
      const [proxy] = proxies;
      const kept = proxy?.faults().map(({ fault }) => fault) ?? [];
      proxy?.clear();
      const query = blobType === 'append' ? 'comp=appendblock' : 'comp=blocklist';
      const hanging = proxy?.inject({ kind: 'hang', method: 'PUT', query });
      return {
        isHit: () => (hanging?.hits ?? 0) > 0,
        end: async () => {
          hanging?.remove();
          for (const fault of kept) {
            proxy?.inject(fault);
          }
        },
      };
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
