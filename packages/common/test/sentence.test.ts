import { endSentence } from '../src/index.ts';

describe('endSentence', () => {
  it.each([
    ['the disk is full', 'the disk is full.'],
    ['The disk is full. ', 'The disk is full.'],
    ['Why?', 'Why?'],
    ['No!\n', 'No!'],
    ['', '.'],
  ])('ends %j with one mark', (text, ended) => {
    expect(endSentence(text)).toBe(ended);
  });
});
