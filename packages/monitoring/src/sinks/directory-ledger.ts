import { open } from 'node:fs/promises';
import path from 'node:path';
import { encodeLedgerEntry, type LedgerEntry } from '../format/ledger.ts';
import { makePrivateFolder } from './make-folder.ts';

const LINE_END = 0x0a;

/** Appends an entry to the ledger of its day in one write, so that lines of several processes do not mix. */
export async function recordInFile(file: string, entry: LedgerEntry): Promise<void> {
  await makePrivateFolder(path.dirname(file));
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    const { bytesRead } = await handle.read(last, 0, 1, Math.max(0, size - 1));
    // A line that a full disk cut off ends here; it counts for nothing, and the next one must not be lost with it.
    const start = bytesRead === 1 && last[0] !== LINE_END ? '\n' : '';
    await handle.appendFile(start + encodeLedgerEntry(entry));
  } finally {
    await handle.close();
  }
}
