import { nearest } from '../../src/command/nearest.ts';

const KNOWN = ['port', 'host', 'worker-count', 'worker-timeout', 'entry-script', 'help'];

describe('nearest', () => {
  it.each([
    ['prot', 'port'],
    ['workers', 'worker-count'],
    ['worker-cuont', 'worker-count'],
    ['timeout', 'worker-timeout'],
    ['entry', 'entry-script'],
    ['halp', 'help'],
    ['frobnicate', undefined],
    ['', undefined],
  ])('to %j is %j', (name, expected) => {
    expect(nearest(name, KNOWN)).toBe(expected);
  });
});
