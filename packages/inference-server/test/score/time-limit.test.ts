import { scoringTimeout, withinLimit } from '../../src/score/time-limit.ts';

describe('scoringTimeout', () => {
  afterEach(() => {
    delete process.env['SCORING_TIMEOUT_MS'];
  });

  it('prefers the option, then SCORING_TIMEOUT_MS, then one hour', () => {
    expect(scoringTimeout(undefined)).toBe(3_600_000);
    process.env['SCORING_TIMEOUT_MS'] = '5';
    expect(scoringTimeout(undefined)).toBe(5);
    expect(scoringTimeout(7)).toBe(7);
  });

  it.each(['0', '-1', '1.5', 'soon', '2147483648'])('refuses SCORING_TIMEOUT_MS=%s', (text) => {
    process.env['SCORING_TIMEOUT_MS'] = text;
    expect(() => scoringTimeout(undefined)).toThrow(/SCORING_TIMEOUT_MS must be an integer .*but is '/);
  });
});

describe('withinLimit', () => {
  it('passes on the value, and what the work throws at once or later', async () => {
    await expect(withinLimit(1000, () => 1)).resolves.toBe(1);
    const thrower = () => {
      throw new Error('now');
    };
    await expect(withinLimit(1000, thrower)).rejects.toThrow('now');
    await expect(withinLimit(1000, () => Promise.reject(new Error('later')))).rejects.toThrow('later');
  });
});
