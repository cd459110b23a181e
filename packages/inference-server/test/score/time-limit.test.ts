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
    expect(withinLimit(1000, () => 1)).toBe(1);
    await expect(withinLimit(1000, () => Promise.resolve(2))).resolves.toBe(2);
    const thrower = () => {
      throw new Error('now');
    };
    expect(() => withinLimit(1000, thrower)).toThrow('now');
    await expect(withinLimit(1000, () => Promise.reject(new Error('later')))).rejects.toThrow('later');
  });
});
