import type { RowChunk } from '../../src/rows/read-rows.ts';
import { RowIterator } from '../../src/rows/row-iterator.ts';

/** Chunks of numbers; tells when it was ended. */
function chunksOf(lists: readonly (readonly number[])[], onEnd: () => void = () => undefined, failure?: Error) {
  return (async function* (): AsyncGenerator<RowChunk<number>, void, undefined> {
    try {
      for (const rows of lists) {
        yield { path: 'x', rows };
      }
      if (failure !== undefined) {
        throw failure;
      }
    } finally {
      onEnd();
    }
  })();
}

describe('rows one by one', () => {
  it('come in order, also when several are asked for at once', async () => {
    const rows = new RowIterator(chunksOf([[1, 2], [3], [4, 5]]), undefined);
    const asked = await Promise.all(Array.from({ length: 7 }, () => rows.next()));
    expect(asked.map(({ value, done }) => (done ? 'done' : value))).toEqual([1, 2, 3, 4, 5, 'done', 'done']);
  });

  it('come in order when each is asked for a moment after the one before', async () => {
    const lists = Array.from({ length: 20 }, (_, list) => [0, 1, 2].map((row) => list * 3 + row));
    const rows = new RowIterator(chunksOf(lists), undefined);
    const asked: ReturnType<typeof rows.next>[] = [];
    for (let call = 0; call < 60; call += 1) {
      asked.push(rows.next());
      if (call % 2 === 1) {
        await Promise.resolve();
      }
    }
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(lists.flat());
  });

  it('end the reading when the loop is left', async () => {
    const onEnd = jest.fn();
    const rows = new RowIterator(chunksOf([[1, 2, 3]], onEnd), undefined);
    for await (const row of rows) {
      expect(row).toBe(1);
      break;
    }
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(await rows.next()).toEqual({ value: undefined, done: true });
  });

  it('end the reading at the end of an `await using` block', async () => {
    const onEnd = jest.fn();
    {
      await using rows = new RowIterator(chunksOf([[1, 2]], onEnd), undefined);
      await rows.next();
    }
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('come before the failure that is behind them, which is told once', async () => {
    const rows = new RowIterator(chunksOf([[1]], undefined, new Error('broken')), undefined);
    expect(await rows.next()).toEqual({ value: 1, done: false });
    await expect(rows.next()).rejects.toThrow('broken');
    expect(await rows.next()).toEqual({ value: undefined, done: true });
  });

  it('end with the reason of the signal before the next row, and with what is thrown into them', async () => {
    const onEnd = jest.fn();
    const controller = new AbortController();
    const rows = new RowIterator(chunksOf([[1, 2]], onEnd), controller.signal);
    await rows.next();
    controller.abort(new Error('enough'));
    await expect(rows.next()).rejects.toThrow('enough');
    expect(onEnd).toHaveBeenCalledTimes(1);
    await expect(new RowIterator(chunksOf([[1]]), undefined).throw(new Error('mine'))).rejects.toThrow('mine');
  });
});
