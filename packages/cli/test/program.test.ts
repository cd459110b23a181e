import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from '../src/index.ts';
import { RecordedIo } from './recorded-io.ts';

const NAMES = ['--model', 'm', '--designation', 'inputs'];

describe('azureml-ts', () => {
  it('shows help and version on standard output and exits with 0', async () => {
    const help = new RecordedIo();
    expect(await main(['--help'], help)).toBe(0);
    expect(help.out).toMatch(/Usage: azureml-ts .*serve .*data /s);
    expect(help.error).toBe('');
    const version = new RecordedIo();
    expect(await main(['--version'], version)).toBe(0);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('shows the help on standard error and exits with 2 without a command', async () => {
    const io = new RecordedIo();
    expect(await main([], io)).toBe(2);
    expect([io.out, io.error]).toEqual(['', expect.stringContaining('Usage: azureml-ts')]);
  });

  it.each([
    [['nonsense'], /^azureml-ts: unknown command 'nonsense' \[USAGE\]\n$/],
    [
      ['data', 'cat', ...NAMES, '--a\n##vso[x]\n::error::y'],
      /^azureml-ts: [^\n]*'--a # #vso\[x\] ::error::y'[^\n]* \[USAGE\]\n$/,
    ],
    [['data', 'cat', ...NAMES, '--nonsense'], /unknown option '--nonsense'/],
    [['data', 'cat', '--designation', 'inputs'], /--model <name>/],
    [['data', 'cat', ...NAMES, '--output', 'xml'], /Allowed choices are table, json, csv/],
    [['data', 'cat', ...NAMES, '--limit', '0'], /number of 1 or more/],
    [['data', 'cat', ...NAMES, '--from', '2026-02-30'], /UTC day such as 2026-11-01/],
    [['data', 'cat', ...NAMES], /Give --storage, or set AML_MODEL_DC_STORAGE\. \[VALIDATION\]/],
  ])('refuses %j with 2 and a line on standard error', async (argv, message) => {
    const io = new RecordedIo();
    expect(await main(argv, io)).toBe(2);
    expect(io.error).toMatch(message);
    expect(io.error).toMatch(/^azureml-ts: /);
    expect(io.out).toBe('');
  });

  it('takes names from the environment and asks for the first that is missing', async () => {
    const io = new RecordedIo({ AML_MODEL_DC_STORAGE: 'file:///x', AZUREML_ARM_SUBSCRIPTION: 's' });
    expect(await main(['data', 'cat', ...NAMES], io)).toBe(2);
    expect(io.error).toContain('--resource-group');
  });

  it('advises in its help to keep connection strings out of the arguments', async () => {
    const io = new RecordedIo();
    expect(await main(['data', 'cat', '--help'], io)).toBe(0);
    expect(io.out.replace(/\s+/g, ' ')).toContain('put a connection string into the variable instead');
    expect(io.out).toContain('AML_MODEL_DC_STORAGE');
  });

  it('marks wrong usage for the build system that runs it', async () => {
    const io = new RecordedIo({ GITHUB_ACTIONS: 'true' });
    await main(['nonsense'], io);
    expect(io.error).toContain('::error title=azureml-ts::');
  });
});

describe('Ctrl-C', () => {
  it('ends a command that does not listen to it', async () => {
    const io = new RecordedIo();
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    io.writeOut = () => {
      abort.abort(new Error('Interrupted'));
      return new Promise(() => undefined);
    };
    expect(await main(['doctor', '--config', join(tmpdir(), 'no-such-file.json')], io)).toBe(130);
  });
});

describe('azureml-ts data cat', () => {
  it('ends with 130, without a word, when it is interrupted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cli-'));
    const env = {
      AML_MODEL_DC_STORAGE: pathToFileURL(directory).href,
      AZUREML_ARM_SUBSCRIPTION: 's',
      AZUREML_ARM_RESOURCEGROUP: 'r',
      AZUREML_ARM_WORKSPACE_NAME: 'w',
      SERVICE_NAME: 'svc',
    };
    const io = Object.assign(new RecordedIo(env), { abortSignal: AbortSignal.abort(new Error('Interrupted')) });
    try {
      expect([await main(['data', 'cat', ...NAMES], io), io.out, io.error]).toEqual([130, '', '']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('says where it looked when there is nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cli-'));
    const io = new RecordedIo({
      AML_MODEL_DC_STORAGE: pathToFileURL(directory).href,
      AZUREML_ARM_SUBSCRIPTION: 's',
      AZUREML_ARM_RESOURCEGROUP: 'r',
      AZUREML_ARM_WORKSPACE_NAME: 'w',
      SERVICE_NAME: 'svc',
    });
    try {
      expect([await main(['data', 'cat', ...NAMES, '--output', 'json'], io), io.error]).toEqual([
        4,
        expect.stringContaining(
          `There is no collected data at "s/r/w/svc/m/default/inputs/" in directory ${directory}`,
        ),
      ]);
      expect(io.out).toBe('');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
