import { hasColors, paint } from '../../src/output/colors.ts';

describe('hasColors', () => {
  it.each<[env: Record<string, string>, isTerminal: boolean, expected: boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '3' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '' }, false, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('with %j and a terminal: %p', (env, isTerminal, expected) => {
    expect(hasColors({ env, isTerminal })).toBe(expected);
  });
});

describe('paint', () => {
  it('leaves a text alone without colours', () => {
    expect([paint('a', 'red', false), paint('a', 'red', true)]).toEqual(['a', '\u001b[31ma\u001b[39m']);
  });
});
