import { readCheckoutFile } from '../support/markdown.ts';
import { BENCHES } from './registry.ts';
import { readArguments } from './support/arguments.ts';
import { atLeastTimes, atMostOneIn, type Figure, isMet, ratioOf } from './support/figure.ts';
import { cellsOf, formatRatio, formatValue, markdownTable, textTable } from './support/format.ts';
import { replacePart } from './support/page.ts';
import { interleave } from './support/rounds.ts';
import { median, quantile } from './support/statistics.ts';

const cheap: Figure = {
  name: '`collect`, median call',
  unit: 'ns',
  ours: 100,
  peer: 2400,
  peerName: 'a peer',
  compare: 'cost',
  target: atMostOneIn(20),
};

describe('the arguments of the bench command', () => {
  it('mean all benches when none is named', () => {
    expect(readArguments([], ['a', 'b'])).toEqual({ names: new Set(['a', 'b']), output: 'table', write: false });
  });

  it('name benches and the form of the output', () => {
    expect(readArguments(['b', '--output', 'json', '--write'], ['a', 'b'])).toEqual({
      names: new Set(['b']),
      output: 'json',
      write: true,
    });
  });

  it.each([[['c']], [['--output', 'xml']], [['--output']]])('are refused in one sentence: %j', (args) => {
    expect(readArguments(args, ['a', 'b'])).toEqual({ fault: expect.stringMatching(/^[^\n]+\.$/) });
  });
});

describe('a figure', () => {
  it('compares a cost by what ours is of the peer', () => {
    expect(ratioOf(cheap)).toBeCloseTo(1 / 24);
    expect(isMet(cheap)).toBe(true);
    expect(isMet({ ...cheap, ours: 121 })).toBe(false);
  });

  it('compares a speed by how many times faster ours is', () => {
    const figure: Figure = { ...cheap, compare: 'speed-up', ours: 1000, peer: 2400, target: atLeastTimes(2.5) };
    expect(ratioOf(figure)).toBeCloseTo(2.4);
    expect(isMet(figure)).toBe(false);
    expect(isMet({ ...figure, ours: 900 })).toBe(true);
  });

  it('has no verdict without a target, or without a number', () => {
    expect(isMet({ ...cheap, target: undefined })).toBeUndefined();
    expect(isMet({ ...cheap, peer: undefined })).toBeUndefined();
  });

  it('is a line of the table', () => {
    expect(cellsOf(cheap)).toEqual([
      '`collect`, median call',
      '100 ns',
      '2.4 µs a peer',
      '1/24',
      'at most 1/20',
      'yes',
    ]);
    expect(textTable([cheap])).toMatch(/^figure +ours +peer +ratio +target +met\ncollect, median call {2}100 ns {2}/);
    expect(markdownTable([cheap])).toContain(
      '\n| --- | --- | --- | --- | --- | --- |\n| `collect`, median call | 100 ns |',
    );
  });

  it('shows numbers with three digits and their unit', () => {
    expect(formatValue(999.6, 'ns')).toBe('1000 ns');
    expect(formatValue(36_312_345, 'bytes')).toBe('36.3 MB');
    expect(formatValue(5000, 'rows')).toBe('5,000');
    expect(formatRatio(2.345)).toBe('2.35x');
    expect(formatRatio(0)).toBe('0.00x');
  });
});

describe('rounds', () => {
  it('take turns, every second time in the other order', async () => {
    const order: string[] = [];
    const contender = (name: string) => async () => order.push(name);
    const results = await interleave(3, { ours: contender('ours'), peer: contender('peer') });
    expect(order).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer']);
    expect(results).toEqual({ ours: [1, 4, 5], peer: [2, 3, 6] });
  });

  it('are summed up by the value in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(10);
  });
});

describe('the page of figures', () => {
  const page = readCheckoutFile('docs/performance.md');

  it.each(BENCHES.map(({ name }) => name))('has a place for %s, and names it', (name) => {
    expect(page).toContain(`<!-- ${name} -->\n`);
    expect(page).toContain(`\n<!-- /${name} -->`);
    expect(page).toContain(`\`${name}\``);
  });

  it('is changed only between the marks of what was measured', () => {
    const text = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- end of the figures -->\n';
    expect(replacePart(text, 'x', 'new $&')).toBe(
      'a\n<!-- x -->\nnew $&\n<!-- /x -->\nb\n<!-- end of the figures -->\n',
    );
    expect(replacePart(text, 'y', 'more')).toBe(
      'a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\nmore\n<!-- /y -->\n\n<!-- end of the figures -->\n',
    );
  });
});
