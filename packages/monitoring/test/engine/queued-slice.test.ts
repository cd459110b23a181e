import { composeFront, NO_RUNS, type QueuedSlice } from '../../src/engine/queued-slice.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import { stream } from '../support/workspace.ts';

const key = { stream, day: '2026-03-04', schema: new RowSchema(['a']) } as const;

/** A piece with memory of its own. */
function piece(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text);
  return bytes;
}

function slice(sequence: number, pieces: readonly Buffer[], ownsPieces?: boolean): QueuedSlice {
  const byteLength = pieces.reduce((sum, { length }) => sum + length, 0);
  return { slice: { sequence, pieces, byteLength, rowCount: 1 }, isDurable: true, runs: NO_RUNS, ownsPieces };
}

describe('composeFront', () => {
  it('puts slices together, and each is its part of the batch', () => {
    const front = composeFront(
      key,
      [slice(3, [piece('1\n'), piece('2\n')], true), slice(5, [piece('3\n')], true)],
      undefined,
    );
    expect(front.batch.bytes.toString()).toBe('1\n2\n3\n');
    expect([front.first, front.last, front.batch.rowCount]).toEqual([3, 5, 2]);
    expect(front.entries.map((entry) => Buffer.concat([...entry.slice.pieces]).toString())).toEqual(['1\n2\n', '3\n']);
  });

  it('gives the memory of pieces back that nobody else has', () => {
    const own = piece('own\n');
    const ofTheEngine = composeFront(key, [slice(1, [own], true)], undefined);
    expect(own).toHaveLength(0);
    expect(ofTheEngine.batch.bytes.toString()).toBe('own\n');
  });

  it('leaves all others alone: those read from a journal, parts of larger memory, and parts of a batch', () => {
    const read = piece('read\n');
    const larger = piece('xxpart\nxx').subarray(2, 7);
    const first = composeFront(key, [slice(1, [read]), slice(2, [larger], true)], undefined);
    expect([read.toString(), larger.toString()]).toEqual(['read\n', 'part\n']);
    // Taken apart, for example because another process has taken some of it, while a store may still read the first one.
    const single = composeFront(key, [slice(1, [piece('own\n')], true)], undefined);
    const again = composeFront(key, single.entries, undefined);
    expect([single, again].map(({ batch }) => batch.bytes.toString())).toEqual(['own\n', 'own\n']);
    expect(first.batch.bytes.toString()).toBe('read\npart\n');
  });
});
