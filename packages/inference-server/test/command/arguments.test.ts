import { parseArguments } from '../../src/command/arguments.ts';

describe('parseArguments', () => {
  afterEach(() => {
    delete process.env['AZUREML_ENTRY_SCRIPT'];
  });

  it('reads the script, the port and the host', () => {
    expect(parseArguments(['--entry-script', 's.ts', '--port', '0', '--host=::1'])).toEqual({
      kind: 'serve',
      options: { entryScript: 's.ts', port: 0, host: '::1' },
    });
  });

  it('takes the script from AZUREML_ENTRY_SCRIPT when there is no flag', () => {
    process.env['AZUREML_ENTRY_SCRIPT'] = 'env.ts';
    expect(parseArguments([])).toMatchObject({ options: { entryScript: 'env.ts' } });
  });

  it.each([
    [[], /--entry-script FILE/],
    [['--entry-script'], /entry-script/],
    [['--unknown'], /--unknown/],
    [['score.ts'], /score\.ts/],
    [['--entry-script', 's.ts', '--port', '70000'], /0 to 65535, but is "70000"/],
    [['--entry-script', 's.ts', '--port', 'x'], /0 to 65535, but is "x"/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
