import { CollectedData } from '../../src/index.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

jest.mock('apache-arrow', () => {
  throw new Error("Cannot find package 'apache-arrow'");
});

describe('toArrow() without the package apache-arrow', () => {
  it('says what to install; everything else works', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${ROOT}/2026/03/04/data.csv`]: `${HEADER}1,${call('a-1')}\n` });
    const data = await CollectedData.open({ ...stream, storage: { directory } });
    await expect(data.toArrow()).rejects.toMatchObject({
      code: 'ARROW_NOT_INSTALLED',
      message: expect.stringContaining('npm install apache-arrow'),
    });
    await expect(all(data.arrowBatches())).rejects.toMatchObject({ code: 'ARROW_NOT_INSTALLED' });
    expect(await all(data.batches())).toHaveLength(1);
  });
});
