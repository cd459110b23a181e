import { readLogPage } from '../../src/webservice/log-page.ts';

const STATUS = [
  'Instance status:',
  'SystemSetup: Succeeded',
  'UserContainerStart: Succeeded',
  '',
  'Container events:',
  'Kind: Pod, Name: Pulling, Type: Normal, Time: 20220519-03:11:59.750675, Message: Start pulling container image',
  '',
  'Container logs:',
];

describe('readLogPage', () => {
  it('keeps apart what has no line end yet', () => {
    expect(readLogPage('a\nb', 9)).toEqual({ preamble: [], lines: ['a'], partial: 'b', isWhole: true });
    expect(readLogPage('a\nb\n', 9)).toEqual({ preamble: [], lines: ['a', 'b'], partial: '', isWhole: true });
  });

  it('knows line ends of Windows, also one that is written in half', () => {
    expect(readLogPage('a\r\nb\r', 9)).toMatchObject({ lines: ['a'], partial: 'b' });
  });

  it('keeps empty lines and lone carriage returns of progress bars', () => {
    expect(readLogPage('\n10 %\r20 %\n\n', 9).lines).toEqual(['', '10 %\r20 %', '']);
  });

  it.each([
    ['a\nb\n', 2, false],
    ['a\nb\n', 3, true],
    ['a\nb', 2, false],
    ['', 1, true],
  ])('of %j knows, when %i lines were asked for, whether it is all: %j', (text, asked, isWhole) => {
    expect(readLogPage(text, asked).isWhole).toBe(isWhole);
  });

  it('takes what a managed deployment tells of its instance apart from the log', () => {
    const page = readLogPage([...STATUS, 'first', 'second', ''].join('\n'), 99);
    expect(page).toMatchObject({ preamble: STATUS, lines: ['first', 'second'] });
    expect(readLogPage([...STATUS.slice(0, 6), ''].join('\n'), 99)).toMatchObject({
      preamble: STATUS.slice(0, 6),
      lines: [],
    });
  });

  it('takes a log that only speaks of an instance status for a log', () => {
    expect(readLogPage('hello\nInstance status:\n', 99).lines).toEqual(['hello', 'Instance status:']);
  });
});
