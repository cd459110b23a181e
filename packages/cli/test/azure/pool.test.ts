import { pooled } from '../../src/azure/pool.ts';

describe('pooled', () => {
  it('works on no more than the limit at a time, and loses nothing', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      running++;
      most = Math.max(most, running);
      for (let turn = 0; turn <= item % 5; turn++) {
        await new Promise(setImmediate);
      }
      running--;
      return item * 2;
    };
    const results: number[] = [];
    for await (const result of pooled(
      Array.from({ length: 50 }, (_, index) => index),
      4,
      work,
    )) {
      results.push(result);
    }
    expect(most).toBe(4);
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
  });

  it('gives a result before the ones that take longer', async () => {
    const slow = Promise.withResolvers<string>();
    const results = pooled(['slow', 'quick', 'last'], 2, async (item) => (item === 'slow' ? slow.promise : item));
    expect((await results.next()).value).toBe('quick');
    expect((await results.next()).value).toBe('last');
    slow.resolve('slow');
    expect(await results.next()).toEqual({ done: false, value: 'slow' });
    expect((await results.next()).done).toBe(true);
  });

  it('reads the source only as fast as there is room', async () => {
    const read: number[] = [];
    function* source() {
      for (let item = 0; item < 10; item++) {
        read.push(item);
        yield item;
      }
    }
    const gate = Promise.withResolvers<void>();
    const results = pooled(source(), 3, async (item) => {
      await gate.promise;
      return item;
    });
    const first = results.next();
    await Promise.resolve();
    gate.resolve();
    await first;
    expect(read).toHaveLength(3);
    await results.return(undefined);
  });
});
