import { dayRange, isInRange } from '../../src/files/day-range.ts';

describe('a range of days', () => {
  it('takes dates by their UTC day and includes both ends', () => {
    const range = dayRange(new Date('2026-03-04T23:59:59Z'), '2026-03-05');
    expect(range).toEqual({ from: '2026-03-04', to: '2026-03-05' });
    expect(['2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06'].map((day) => isInRange(range, day))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it.each(['2026-3-4', '2026-02-30', 'yesterday', '', new Date(Number.NaN)])('refuses %p', (day) => {
    expect(() => dayRange(day, undefined)).toThrow(/from must be a UTC day such as 2026-01-31/);
  });

  it('refuses an end before its start', () => {
    expect(() => dayRange('2026-03-04', '2026-03-03')).toThrow(/to must be 2026-03-04 \(from\) or later/);
  });
});
