import { deadline } from '../src/deadline.ts';

describe('deadline', () => {
  it('fires when the time is up, or with the reason of another signal', async () => {
    const timed = deadline(5);
    await new Promise((resolve) => timed.signal.addEventListener('abort', resolve));
    expect(timed.signal.reason).toMatchObject({ name: 'TimeoutError' });
    const other = new AbortController();
    const { signal } = deadline(undefined, undefined, other.signal);
    other.abort(new Error('enough'));
    expect(signal.reason).toMatchObject({ message: 'enough' });
    expect(deadline(60_000, other.signal).signal.aborted).toBe(true);
  });

  it('takes Infinity for no limit, and fractions', () => {
    for (const timeoutMs of [Number.POSITIVE_INFINITY, 1e12, 1500.5]) {
      const limit = deadline(timeoutMs);
      expect(limit.signal.aborted).toBe(false);
      limit.clear();
    }
  });

  it.each([-1, Number.NaN, '5' as unknown as number])('refuses %p', (timeoutMs) => {
    expect(() => deadline(timeoutMs)).toThrow(expect.objectContaining({ code: 'VALIDATION', path: 'timeoutMs' }));
  });
});
