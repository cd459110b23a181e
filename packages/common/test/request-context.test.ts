import { currentRequest, runWithRequest } from '../src/request-context.ts';

describe('the request context', () => {
  it('is there behind every kind of wait, and gone outside', async () => {
    expect(currentRequest()).toBeUndefined();
    await runWithRequest({ requestId: 'r-1', clientRequestId: 'c-1' }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await Promise.resolve();
      expect(currentRequest()).toMatchObject({ requestId: 'r-1', clientRequestId: 'c-1', startedAt: expect.any(Date) });
    });
    expect(currentRequest()).toBeUndefined();
  });

  it('never mixes two requests that are under way together', async () => {
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((requestId, index) =>
        runWithRequest({ requestId }, async () => {
          currentRequest()?.state.set(Symbol.for('test'), requestId);
          await new Promise((resolve) => setTimeout(resolve, 3 - index));
          return [currentRequest()?.requestId, currentRequest()?.state.get(Symbol.for('test'))];
        }),
      ),
    );
    expect(seen).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
  });
});
