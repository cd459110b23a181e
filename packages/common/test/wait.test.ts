import { backoffDelayMs, retryAfterMs } from '../src/retry.ts';
import { sleep, waitAtMost } from '../src/wait.ts';

describe('waitAtMost', () => {
  it('gives the result when it comes in time', async () => {
    await expect(waitAtMost(Promise.resolve(1), 'The work', { timeoutMs: 1000 })).resolves.toBe(1);
  });

  it('takes Infinity for no limit', async () => {
    const later = new Promise((resolve) => setTimeout(() => resolve('done'), 20));
    await expect(waitAtMost(later, 'The work', { timeoutMs: Number.POSITIVE_INFINITY })).resolves.toBe('done');
  });

  it('says what took too long', async () => {
    const never = new Promise(() => undefined);
    await expect(waitAtMost(never, 'The work', { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('The work did not end within 5 ms'),
    });
  });

  it('ends with the reason of the abort', async () => {
    const controller = new AbortController();
    const waiting = waitAtMost(new Promise(() => undefined), 'The work', { abortSignal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(waitAtMost(new Promise(() => undefined), 'x', { abortSignal: controller.signal })).rejects.toThrow(
      'enough',
    );
    await expect(sleep(10_000, { abortSignal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('a long sleep', () => {
  it('does not end at once', async () => {
    const controller = new AbortController();
    const sleeping = sleep(1e12, { abortSignal: controller.signal }).then(
      () => 'slept',
      () => 'ended',
    );
    setTimeout(() => controller.abort(), 20);
    await expect(sleeping).resolves.toBe('ended');
  });
});

describe('the delay before the next try', () => {
  it('doubles up to its limit, with jitter below it', () => {
    const delays = [1, 2, 3, 20].map((failures) => backoffDelayMs(failures, { random: () => 1 }));
    expect(delays).toEqual([500, 1000, 2000, 30_000]);
    expect(backoffDelayMs(2, { random: () => 0 })).toBe(500);
  });

  it('is what the service asks for, in seconds or as a date', () => {
    expect(retryAfterMs('3')).toBe(3000);
    expect(retryAfterMs('Wed, 04 Mar 2026 00:00:10 GMT', Date.UTC(2026, 2, 4))).toBe(10_000);
    expect(retryAfterMs('Wed, 04 Mar 2026 00:00:00 GMT', Date.UTC(2026, 2, 5))).toBe(0);
    expect(retryAfterMs('soon')).toBeUndefined();
    expect(retryAfterMs(undefined)).toBeUndefined();
  });
});
