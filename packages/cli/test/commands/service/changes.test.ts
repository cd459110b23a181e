import { parseChanges } from '../../../src/commands/service/changes.ts';

describe('parseChanges', () => {
  it('takes only what is named', () => {
    expect(parseChanges({ enableAppInsights: false })).toEqual({ enableAppInsights: false });
    expect(
      parseChanges({
        collectModelData: true,
        setEnv: ['A=1', 'B=x=y', 'C='],
        unsetEnv: ['D'],
        set: ['instanceCount=2', 'description="a b"', 'tags={"x":"1"}', 'storage=null'],
        deployment: 'blue',
      }),
    ).toEqual({
      collectModelData: true,
      environmentVariables: { A: '1', B: 'x=y', C: '', D: null },
      instanceCount: 2,
      description: 'a b',
      tags: { x: '1' },
      storage: null,
      deploymentName: 'blue',
    });
  });

  it.each([
    [{}, /Nothing to change/],
    [{ deployment: 'blue' }, /Nothing to change/],
    [
      { enableAppInsights: true, set: ['enableAppInsights=false'] },
      /--set must be left out: the setting is given twice/,
    ],
    [{ set: ['a=1', 'a=2'] }, /given twice/],
    [{ setEnv: ['A=1'], unsetEnv: ['A'] }, /each name once, but is 'A'/],
    [{ setEnv: ['A=1'], set: ['environmentVariables={}'] }, /given twice/],
    [{ set: ['description=hello'] }, /--set 'description="\.\.\."'/],
    [{ set: ['nothing'] }, /--set must be name=json/],
  ])('refuses %j', (options, message) => {
    expect(() => parseChanges(options)).toThrow(message);
  });

  it('does not show a value that may be a secret', () => {
    for (const options of [{ setEnv: ['=hunter2'] }, { setEnv: ['hunter2'] }, { set: ['storage=hunter2'] }]) {
      expect(() => parseChanges(options)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching('hunter2') }),
      );
    }
  });

  it('sets a setting of any name as data', () => {
    const changes = parseChanges({ set: ['__proto__={"a":1}'] });
    expect(Object.keys(changes)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(changes)).toBe(Object.prototype);
  });
});
