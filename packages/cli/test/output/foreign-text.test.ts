import { logText, shownText } from '../../src/output/foreign-text.ts';

const NASTY = 'a\u001b[31m\n##vso[x]y\n::error::z\tAccountKey=c2VjcmV0;';

describe('shownText', () => {
  it('leaves a text as it is where nothing obeys it', () => {
    expect(shownText({ env: {}, isTerminal: false }, NASTY)).toBe(NASTY);
  });

  it.each([
    [{ env: {}, isTerminal: true }],
    [{ env: { GITHUB_ACTIONS: 'true' }, isTerminal: false }],
    [{ env: { TF_BUILD: 'True' }, isTerminal: false }],
  ])('takes out what steers a terminal or a build system: %j', (io) => {
    expect(shownText(io, NASTY)).toBe('a [31m\n# #vso[x]y\n: :error::z\tAccountKey=c2VjcmV0;');
  });
});

describe('logText', () => {
  it('also takes out secrets', () => {
    expect(logText({ env: {}, isTerminal: false }, 'AccountKey=c2VjcmV0;')).toBe('AccountKey=[redacted];');
  });
});
