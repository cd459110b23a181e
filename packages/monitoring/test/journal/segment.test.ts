import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sliceFrame } from '../../src/journal/frame.ts';
import { readSlices } from '../../src/journal/read-slices.ts';
import { scanSegment } from '../../src/journal/segment-scan.ts';
import { SegmentWriter } from '../../src/journal/segment-writer.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { countersOf, keyOf, range, sliceOf } from './fixtures/slices.ts';

const MIB = 1_048_576;

/** A segment with slices of these sizes; gives where each frame begins, and where the last ends. */
async function segmentOf(sizes: readonly number[], key = keyOf()) {
  const file = path.join(await temporaryFolder(), 'segment.log');
  const writer = SegmentWriter.create(file, { writer: 'w', key });
  const offsets = [writer.byteLength];
  for (const [index, size] of sizes.entries()) {
    writer.append(sliceFrame(sliceOf('w', index + 1, size), countersOf(index + 1)));
    offsets.push(writer.byteLength);
  }
  writer.close();
  return { file, offsets };
}

async function numbersIn(file: string): Promise<number[]> {
  const numbers: number[] = [];
  await scanSegment(file, ({ sequence }) => numbers.push(sequence));
  return numbers;
}

describe('a segment', () => {
  it('says whose slices it holds, and gives their heads and the latest counters', async () => {
    const { file, offsets } = await segmentOf([10, 0, 30]);
    const heads: unknown[] = [];
    const scan = await scanSegment(file, (head, offset) =>
      heads.push([head.sequence, head.rowCount, head.contentBytes, offset]),
    );
    expect(heads).toEqual([
      [1, 2, 10, offsets[0]],
      [2, 3, 0, offsets[1]],
      [3, 4, 30, offsets[2]],
    ]);
    expect(scan).toMatchObject({ ending: 'whole', byteLength: offsets[3], readableBytes: offsets[3] });
    expect(scan.counters).toEqual(countersOf(3));
    expect(scan.owner).toMatchObject({ writer: 'w', key: { day: '2026-03-04', stream: keyOf().stream } });
    expect(scan.owner?.key.schema).toMatchObject({ names: ['x'], hash: keyOf().schema.hash });
  });

  it('keeps the columns of rows that nobody named', async () => {
    const { file } = await segmentOf([5], keyOf('2026-03-04', 7));
    const { owner } = await scanSegment(file);
    expect(owner?.key.schema).toMatchObject({ names: undefined, width: 7, hash: keyOf('2026-03-04', 7).schema.hash });
  });

  it('is read by slices, whatever their size and wherever a piece ends', async () => {
    const sizes = [1, 262_144, 1_048_576 - 40, 3, 3 * MIB, 100, 262_100, 0];
    const { file, offsets } = await segmentOf(sizes);
    const numbers: number[] = [];
    const all = { path: file, start: offsets[0] ?? 0, end: offsets.at(-1) ?? 0 };
    for await (const slice of readSlices(all, (sequence) => sequence !== 4)) {
      const { pieces, byteLength } = sliceOf('w', slice.sequence, sizes[slice.sequence - 1]);
      expect(slice.byteLength).toBe(byteLength);
      expect(Buffer.concat(slice.pieces).equals(Buffer.concat(pieces))).toBe(true);
      numbers.push(slice.sequence);
    }
    expect(numbers).toEqual([1, 2, 3, 5, 6, 7, 8]);
    await expect(numbersIn(file)).resolves.toEqual(range(1, 8));
  });

  it('holds a slice of 48 MiB in many pieces', async () => {
    const file = path.join(await temporaryFolder(), 'segment.log');
    const writer = SegmentWriter.create(file, { writer: 'w', key: keyOf() });
    const start = writer.byteLength;
    const piece = Buffer.alloc(24_576, 'row,');
    const pieces = Array.from({ length: 2_048 }, () => piece);
    writer.append(sliceFrame({ sequence: 1, pieces, byteLength: 48 * MIB, rowCount: 9 }, countersOf(1)));
    writer.close();
    await expect(numbersIn(file)).resolves.toEqual([1]);
    for await (const slice of readSlices({ path: file, start, end: writer.byteLength }, () => true)) {
      expect(Buffer.concat(slice.pieces).equals(Buffer.concat(pieces))).toBe(true);
    }
  });

  it('is torn, not damaged, wherever a kill cuts it: a suffix is lost and nothing else', async () => {
    const { file, offsets } = await segmentOf([10, 20, 30]);
    const whole = await readFile(file);
    const start = offsets[0] ?? 0;
    for (let cut = whole.length - 1; cut >= 0; cut -= 1) {
      await truncate(file, cut);
      const numbers: number[] = [];
      const { ending, readableBytes } = await scanSegment(file, ({ sequence }) => numbers.push(sequence));
      const left = offsets.filter((offset) => offset <= cut).length - 1;
      expect({ cut, numbers }).toEqual({ cut, numbers: range(1, left) });
      expect({ cut, ending }).toEqual({ cut, ending: offsets.includes(cut) ? 'whole' : 'torn' });
      expect(readableBytes).toBe(cut < start ? 0 : offsets[left]);
    }
  });

  it('is damaged wherever a byte is wrong: what is before it is read, and nothing false', async () => {
    const { file, offsets } = await segmentOf([10, 20, 30]);
    const whole = await readFile(file);
    for (let place = 0; place < whole.length; place += 1) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(place) ^ 0x55, place);
      await writeFile(file, bytes);
      const numbers: number[] = [];
      const { ending, owner } = await scanSegment(file, ({ sequence }) => numbers.push(sequence));
      const before = offsets.filter((offset) => offset <= place).length - 1;
      expect({ place, numbers, hasOwner: owner !== undefined }).toEqual({
        place,
        numbers: range(1, before),
        hasOwner: before >= 0,
      });
      // The length of the first frame stands alone: a wrong one reads like a file that was cut.
      const isOwnerLength = place >= 8 && place < 12;
      expect({ place, ending }).toEqual({ place, ending: isOwnerLength ? expect.any(String) : 'damaged' });
    }
  });

  it('leaves nothing behind when it cannot be made', async () => {
    const { file } = await segmentOf([10]);
    const { size } = await stat(file);
    expect(() => SegmentWriter.create(file, { writer: 'w', key: keyOf() })).toThrow('EEXIST');
    await expect(stat(file)).resolves.toMatchObject({ size });
  });
});
