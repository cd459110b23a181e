import { CollectedData } from '../../src/index.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const PATH = `${ROOT}/2026/03/04/data.csv`;

async function open(files: Record<string, string>): Promise<CollectedData> {
  const directory = await temporaryFolder();
  await writeFiles(directory, files);
  return CollectedData.open({ ...stream, storage: { directory } });
}

describe('tail()', () => {
  it('reads only the end of a large file, from a row on that is beyond doubt', async () => {
    // Each text holds a line that could be a row; none of them is taken for one.
    const rows = Array.from(
      { length: 10_000 },
      (_, index) => `"${index},${'x'.repeat(1000)}\n7,c,,d,\n",${call(`a-${index}`)}\n`,
    );
    const data = await open({ [PATH]: HEADER + rows.join('') });
    const last = await all(data.tail<{ x: string }>({ last: 3 }));
    expect(last.map(({ x, $aml_dc_correlation_id: id }) => [x.split(',')[0], id])).toEqual(
      [9997, 9998, 9999].map((n) => [String(n), `a-${n}`]),
    );
    // As many rows as the part that is read first may have: the first of them is whole, too.
    for (let count = 960; count < 1000; count += 1) {
      const [first] = await all(data.tail<{ x: string }>({ last: count }));
      expect(first?.x.split(',')[0]).toBe(String(10_000 - count));
    }
    expect(await all(data.tail({ last: 9999 }))).toHaveLength(9999);
    expect(await all(data.tail({ last: 0 }))).toEqual([]);
    expect(await all(data.tail())).toHaveLength(10);
  });

  it('declares types, and says what is wrong with a row', async () => {
    const data = await open({ [PATH]: `${HEADER}1,${call('a-1')}\nmany,${call('a-2')}\n` });
    await expect(all(data.tail({ types: { x: 'number' } }))).rejects.toMatchObject({ code: 'CELL_NOT_NUMBER' });
    expect(await all(data.tail({ types: { x: 'number' }, onBadRecord: 'skip' }))).toHaveLength(1);
    expect(() => data.tail({ last: -1 })).toThrow(/last must be a whole number/);
    expect(() => data.tail({ intervalMs: 1 })).toThrow(/intervalMs must be/);
  });
});
