import { parseArguments } from '../../src/command/arguments.ts';
import { containerFilesText } from '../../src/command/container-files-command.ts';
import { serveCommand } from '../../src/command/serve-command.ts';
import { containerFiles } from '../../src/container/container-files.ts';

const OPTIONS = { entryScript: 'src/score.ts', endpointName: 'loans', workers: 2 };

describe('--container-files', () => {
  it('prints what containerFiles() makes, and ends', async () => {
    let printed = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    const code = await serveCommand(['--container-files', JSON.stringify(OPTIONS)]);
    write.mockRestore();
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toEqual(containerFiles(OPTIONS));
    expect(printed.trimEnd()).not.toContain('\n');
  });

  it('is read in both forms, with either kind of dash, and alone', () => {
    const wanted = { kind: 'container-files', json: '{}' };
    expect(parseArguments(['--container-files', '{}'])).toEqual(wanted);
    expect(parseArguments(['--container_files={}'])).toEqual(wanted);
    for (const argv of [
      ['--container-files'],
      ['--container-files='],
      ['--container-files', '{}', '--port', '1'],
      ['--container-files={}', '--port=1'],
      ['--port', '1', '--container-files', '{}'],
    ]) {
      expect(() => parseArguments(argv)).toThrow(/--container-files (needs a value|goes with no other)/);
    }
    expect(() => parseArguments(['--container-file', '{}'])).toThrow('Did you mean --container-files?');
  });

  it.each([
    ['no JSON', '{secret', 'needs a JSON object'],
    ['no object', '[1]', 'needs a JSON object'],
    ['an unknown option', '{"entryScript":"a.ts","script":"b"}', 'no option script'],
    ['an option of the wrong shape', '{"entryScript":"../a.ts"}', 'entryScript'],
    ['no script', '{}', 'entryScript'],
    ['a secret', '{"entryScript":"a.ts","environment":{"K":"AccountKey=abcdefgh12345678=="}}', 'holds a secret'],
  ])('refuses %s', async (_, json, said) => {
    await expect(containerFilesText(json)).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(containerFilesText(json)).rejects.toThrow(said);
  });

  it('ends with code 2 and says why on standard error', async () => {
    let said = '';
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text: unknown, ...rest: unknown[]) => {
      said += String(text);
      const written = rest.findLast((argument) => typeof argument === 'function');
      (written as (() => void) | undefined)?.();
      return true;
    });
    // The parent here is that of the tests, which is not told.
    const { send } = process;
    Reflect.deleteProperty(process, 'send');
    const code = await serveCommand(['--container-files', '{"entryScript":"a b.ts"}']).finally(() => {
      write.mockRestore();
      Object.assign(process, send === undefined ? {} : { send });
    });
    expect(code).toBe(2);
    expect(said).toContain('entryScript');
  });
});
