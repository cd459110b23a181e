import { runWithRequest } from '@azureml-ts/common';
import { CollectedData } from '../../src/index.ts';
import { SeenCalls } from '../../src/join/seen-calls.ts';
import { all, call, clockAt, collector, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const DAY = '2026/03/04';

async function sides(directory: string): Promise<[CollectedData, CollectedData]> {
  const storage = { directory };
  return [
    await CollectedData.open({ ...stream, storage }),
    await CollectedData.open({ ...stream, storage, designation: 'predictions' }),
  ];
}

/** Joins two files whose rows are written `value@id`. */
async function join(left: string[], right: string[]) {
  const directory = await temporaryFolder();
  const file = (rows: string[]) =>
    HEADER + rows.map((row) => `${row.split('@')[0]},${call(row.split('@')[1] ?? '')}\n`).join('');
  await writeFiles(directory, {
    [`${ROOT}/${DAY}/data.csv`]: file(left),
    [`${ROOT.replace('inputs', 'predictions')}/${DAY}/data.csv`]: file(right),
  });
  const [inputs, predictions] = await sides(directory);
  const joined = inputs.join<{ x: string }, { x: string }>(predictions);
  const pairs = (await all(joined)).map((row) => `${row.left.x}-${row.right.x}@${row.correlationId}/${row.position}`);
  return { pairs, summary: joined.summary };
}

describe('join()', () => {
  it('pairs what collectors stored in requests that ran at the same time', async () => {
    const directory = await temporaryFolder();
    const options = { storage: { directory }, clock: clockAt('2026-03-04T05:06:07.890Z') };
    const inputs = collector({ ...options, featureNames: ['x'] });
    const predictions = collector({ ...options, designation: 'predictions', featureNames: ['y'] });
    const later: (() => void)[] = [];
    for (let index = 0; index < 20; index += 1) {
      const request = { requestId: `request-${index}`, startedAt: new Date() };
      await runWithRequest(request, async () => {
        inputs.collect([[index], [index + 0.5]], { correlationId: `mine-${index}` });
        const ready = new Promise<void>((resolve) => later.push(resolve));
        void ready.then(() => predictions.collect([[index * 2], [index * 2 + 1]]));
      });
    }
    for (const ready of later.toReversed()) {
      ready();
    }
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([inputs.close(), predictions.close()]);
    const [left, right] = await sides(directory);
    const joined = left.join<{ x: number }, { y: number }>(right);
    const pairs = await all(joined);
    expect(pairs).toHaveLength(40);
    for (const pair of pairs) {
      const index = Math.floor(pair.left.x);
      expect(pair).toEqual({
        correlationId: expect.stringMatching(new RegExp(`^\\w+-${index + 1}$`)),
        position: pair.left.x === index ? 0 : 1,
        userCorrelationId: `mine-${index}`,
        scoringTimestamp: '2026-03-04T05:06:07.890Z',
        requestId: `request-${index}`,
        modelVersion: '1',
        left: { x: index + pair.position / 2 },
        right: { y: index * 2 + pair.position },
      });
    }
    expect(joined.summary).toMatchObject({
      matched: 40,
      leftOnly: 0,
      rightOnly: 0,
      unequalCalls: 0,
      duplicateCalls: 0,
    });
  });

  it('pairs calls in any order and rows of a call by their place', async () => {
    const { pairs } = await join(['a@w-1', 'b@w-1', 'c@w-2', 'd@w-3'], ['D@w-3', 'C@w-2', 'A@w-1', 'B@w-1']);
    expect(pairs.sort()).toEqual(['a-A@w-1/0', 'b-B@w-1/1', 'c-C@w-2/0', 'd-D@w-3/0']);
  });

  it('counts rows without partner, calls of unequal length and calls that come again', async () => {
    const { pairs, summary } = await join(
      ['a@w-1', 'b@w-1', 'c@w-2', 'd@w-3', 'again@w-1', 'e@foreign', 'n@'],
      ['A@w-1', 'D@w-3', 'D2@w-3', 'F@w-9', 'again@w-1', 'again@w-1', 'E@foreign'],
    );
    expect(pairs.sort()).toEqual(['a-A@w-1/0', 'd-D@w-3/0', 'e-E@foreign/0']);
    expect(summary).toEqual({
      leftRows: 7,
      rightRows: 7,
      matched: 3,
      leftOnly: 3,
      rightOnly: 2,
      unequalCalls: 2,
      duplicateCalls: 2,
      duplicateRows: 3,
      ids: {
        leftOnly: expect.arrayContaining(['w-1', 'w-2', '']),
        rightOnly: expect.arrayContaining(['w-3', 'w-9']),
        unequalCalls: expect.arrayContaining(['w-1', 'w-3']),
        duplicateCalls: ['w-1'],
      },
    });
  });

  it('keeps the places of the rows of a call that is larger than what is read at once', async () => {
    const { pairs, summary } = await join(
      Array.from({ length: 5000 }, (_, index) => `${index}@w-1`),
      Array.from({ length: 5000 }, (_, index) => `r${index}@w-1`),
    );
    expect(pairs).toEqual(Array.from({ length: 5000 }, (_, index) => `${index}-r${index}@w-1/${index}`));
    expect(summary).toMatchObject({ matched: 5000, unequalCalls: 0, duplicateCalls: 0 });
  });

  it('ends with the reason of the abort signal, and with an error where a record would shift the pairs behind it', async () => {
    const directory = await temporaryFolder();
    const predictions = ROOT.replace('inputs', 'predictions');
    const content = `${HEADER}1,${call('w-1')}\n2,${call('w-2')}\n`;
    await writeFiles(directory, {
      [`${ROOT}/${DAY}/data.csv`]: content,
      [`${predictions}/${DAY}/data.csv`]: `${content}3\n`,
    });
    const [left, right] = await sides(directory);
    const controller = new AbortController();
    const pairs = left.join(right, { abortSignal: controller.signal })[Symbol.asyncIterator]();
    await pairs.next();
    controller.abort(new Error('enough'));
    await expect(pairs.next()).rejects.toThrow('enough');
    await expect(all(left.join(right))).rejects.toMatchObject({ code: 'CSV_BAD_RECORD' });
  });

  it('names no more than a hundred ids', async () => {
    const { summary } = await join(
      Array.from({ length: 150 }, (_, index) => `v@w-${index + 1}`),
      ['v@z-1'],
    );
    expect(summary).toMatchObject({ leftOnly: 150, rightOnly: 1 });
    expect(summary.ids.leftOnly).toHaveLength(100);
  });

  it('starts anew with each iteration, and ends early without harm', async () => {
    const directory = await temporaryFolder();
    const rows = `${HEADER}1,${call('w-1')}\n2,${call('w-2')}\n`;
    await writeFiles(directory, {
      [`${ROOT}/${DAY}/data.csv`]: rows,
      [`${ROOT.replace('inputs', 'predictions')}/${DAY}/data.csv`]: rows,
    });
    const [inputs, predictions] = await sides(directory);
    const joined = inputs.join(predictions, { left: { types: 'strings' } });
    for await (const row of joined) {
      expect(row).toMatchObject({ left: { x: '1' }, right: { x: 1 } });
      break;
    }
    expect(joined.summary.matched).toBe(1);
    expect(await all(joined)).toHaveLength(2);
    expect(joined.summary.matched).toBe(2);
    expect(() => inputs.join({} as CollectedData)).toThrow(/other must be what CollectedData.open/);
  });
});

describe('the calls that were seen', () => {
  it('are told apart, whatever their ids look like', () => {
    const seen = new SeenCalls();
    const ids = ['a-1', 'a-2', 'a-4096', 'a-8', 'b-1', 'a-b-1', 'a-01', 'a-', 'a', 'a-99999999999999999999', '-1'];
    expect(ids.map((id) => seen.add(id))).toEqual(ids.map(() => true));
    expect(ids.map((id) => seen.add(id))).toEqual(ids.map(() => false));
  });
});
