import { RestartPolicy } from '../../src/workers/restart-policy.ts';

describe('RestartPolicy', () => {
  it('waits twice as long after each failure of a row, then gives up', () => {
    const policy = new RestartPolicy();
    const waits = [0, 10, 0, 59_999, 0, 0].map((servedMs) => policy.failed(servedMs));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, undefined]);
    expect(policy.failures).toBe(6);
  });

  it('begins anew after a worker that has served for a minute', () => {
    const policy = new RestartPolicy();
    policy.failed(0);
    policy.failed(0);
    expect(policy.failed(60_000)).toBe(100);
    expect(policy.failed(0)).toBe(200);
  });

  it('waits no longer than the longest wait', () => {
    const policy = new RestartPolicy({ firstDelayMs: 100, maxDelayMs: 150, stableMs: 1_000, maxRestarts: 9 });
    expect([policy.failed(0), policy.failed(0), policy.failed(0)]).toEqual([100, 150, 150]);
  });
});
