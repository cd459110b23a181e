import { milliseconds } from '../../src/http/milliseconds.ts';

describe('milliseconds', () => {
  it.each([
    [0, '0.000'],
    [0.0004, '0.000'],
    [0.0006, '0.001'],
    [0.012, '0.012'],
    [0.9996, '1.000'],
    [12.3456, '12.346'],
    [3_600_000.5, '3600000.500'],
  ])('%p is %p', (ms, text) => {
    expect(milliseconds(ms)).toBe(text);
  });
});
