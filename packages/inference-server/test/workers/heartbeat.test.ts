import { BeatMonitor, beatInterval } from '../../src/workers/heartbeat.ts';

describe('BeatMonitor', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('tells once when the beats stay away for longer than the limit', () => {
    const onSilence = jest.fn();
    const monitor = new BeatMonitor(10_000, onSilence);
    jest.advanceTimersByTime(9_000);
    monitor.beat();
    jest.advanceTimersByTime(10_000);
    expect(onSilence).not.toHaveBeenCalled();
    jest.advanceTimersByTime(60_000);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it('takes a machine that stood still for no silence', () => {
    const onSilence = jest.fn();
    const monitor = new BeatMonitor(10_000, onSilence);
    // The clock jumps, no timer has run meanwhile.
    jest.setSystemTime(Date.now() + 86_400_000);
    jest.advanceTimersByTime(4_000);
    expect(onSilence).not.toHaveBeenCalled();
    monitor.end();
  });

  it('without a limit watches nothing', () => {
    const onSilence = jest.fn();
    new BeatMonitor(0, onSilence);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('beatInterval', () => {
  it.each([
    [0, 0],
    [20, 10],
    [1_000, 200],
    [300_000, 5_000],
  ])('of a limit of %d ms is %d ms', (limitMs, beatMs) => {
    expect(beatInterval(limitMs)).toBe(beatMs);
  });
});
