import { dayRange, isInRange, listingPrefixes } from '../../src/files/day-range.ts';
import { ROOT, stream } from '../support/stream.ts';

function prefixes(from?: string, to?: string): string[] {
  return listingPrefixes(stream, dayRange(from, to)).map((prefix) => prefix.slice(ROOT.length));
}

describe('the folders that are listed for a range', () => {
  it('are the days of a short range', () => {
    expect(prefixes('2026-10-10', '2026-10-12')).toEqual(['/2026/10/10/', '/2026/10/11/', '/2026/10/12/']);
  });

  it('are both spellings of days and months that start with zero', () => {
    expect(prefixes('2026-10-09', '2026-10-09')).toEqual(['/2026/10/09/', '/2026/10/9/']);
    expect(prefixes('2025-12-31', '2026-01-01')).toEqual(['/2025/12/31/', '/2026/01/01/', '/2026/01/1/', '/2026/1/']);
  });

  it('are days up to 31 of them, then months, then years, and the stream when an end is open', () => {
    expect(prefixes('2026-10-01', '2026-10-31')).toHaveLength(31 + 9);
    expect(prefixes('2026-10-01', '2026-11-01')).toEqual(['/2026/10/', '/2026/11/']);
    expect(prefixes('2025-12-31', '2026-02-01')).toEqual([
      '/2025/12/',
      '/2026/01/',
      '/2026/1/',
      '/2026/02/',
      '/2026/2/',
    ]);
    expect(prefixes('2025-12-31', '2027-01-01')).toEqual(['/2025/', '/2026/', '/2027/']);
    expect(prefixes('1990-01-01', '2026-01-01')).toEqual(['/']);
    expect(prefixes('2026-01-01')).toEqual(['/']);
    expect(prefixes(undefined, '2026-01-01')).toEqual(['/']);
  });

  it('never overlap', () => {
    for (const [from, to] of [
      ['2025-12-20', '2026-01-10'],
      ['2025-10-01', '2026-09-30'],
      ['2020-01-01', '2026-01-01'],
    ]) {
      const found = prefixes(from, to);
      expect(found.filter((prefix) => found.some((other) => other !== prefix && prefix.startsWith(other)))).toEqual([]);
    }
  });
});

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
