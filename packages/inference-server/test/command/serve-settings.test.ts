import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveSettings } from '../../src/command/serve-settings.ts';

const before = { ...process.env };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

function file(text: string): string {
  const path = join(folder, 'settings.json');
  writeFileSync(path, text);
  return path;
}

const none = { options: {}, environment: {} };
const script = { options: { entryScript: 's.ts' }, environment: {} };

describe('serveSettings', () => {
  it('takes the script and the workers from the environment when no flag names them', () => {
    process.env['AZUREML_ENTRY_SCRIPT'] = 'env.ts';
    process.env['WORKER_COUNT'] = '2';
    process.env['WORKER_TIMEOUT'] = '10';
    expect(serveSettings(none)).toMatchObject({
      options: { entryScript: 'env.ts' },
      workers: 2,
      workerTimeoutMs: 10_000,
    });
  });

  it('has one worker and five minutes by default', () => {
    expect(serveSettings(script)).toMatchObject({ workers: 1, workerTimeoutMs: 300_000, warnings: [] });
  });

  it('lets a flag win over the environment, and the environment over the file', () => {
    process.env['WORKER_COUNT'] = '2';
    const configFile = file('{"WORKER_COUNT": 3, "WORKER_TIMEOUT": 7, "AML_APP_INSIGHTS_ENABLED": true}');
    expect(serveSettings({ ...script, configFile })).toMatchObject({ workers: 2, workerTimeoutMs: 7_000 });
    expect(process.env['AML_APP_INSIGHTS_ENABLED']).toBe('true');
    expect(serveSettings({ ...script, configFile, options: { ...script.options, workers: 4 } }).workers).toBe(4);
  });

  it('finds the file by AZUREML_CONFIG_FILE, and the script in it', () => {
    process.env['AZUREML_CONFIG_FILE'] = file('\uFEFF{"AZUREML_ENTRY_SCRIPT": "file.ts"}');
    expect(serveSettings(none).options.entryScript).toBe('file.ts');
  });

  it('sets what the flags say for the script', () => {
    serveSettings({ ...script, environment: { AZUREML_MODEL_DIR: 'm' } });
    expect(process.env['AZUREML_MODEL_DIR']).toBe('m');
  });

  it('passes names over that are none of variables, and says so', () => {
    const configFile = file('{"__proto__": {"a": 1}, "subscription_id": "x", "NODE_OPTIONS": "--import=evil"}');
    expect(serveSettings({ ...script, configFile }).warnings).toEqual([
      expect.stringContaining('"__proto__"'),
      expect.stringContaining('"subscription_id"'),
      expect.stringContaining('"NODE_OPTIONS"'),
    ]);
    expect(process.env['NODE_OPTIONS']).toBe(before['NODE_OPTIONS']);
  });

  it.each([
    ['[1]', /must hold one JSON object/],
    ['{"WORKER_COUNT": ', /cannot be read/],
    ['{"WORKER_COUNT": [2]}', /WORKER_COUNT of .* must be a text, a number, true or false/],
    ['{"WORKER_COUNT": "many"}', /WORKER_COUNT.*integer of processes/],
  ])('refuses the file %s', (text, message) => {
    expect(() => serveSettings({ ...script, configFile: file(text) })).toThrow(message);
  });

  it.each([
    [none, {}, /--entry-script FILE/],
    [script, { WORKER_COUNT: '0' }, /WORKER_COUNT/],
    [script, { WORKER_TIMEOUT: '-1' }, /WORKER_TIMEOUT/],
    [{ ...script, configFile: '/not/there.json' }, {}, /not\/there\.json cannot be read/],
  ])('refuses %j with %j', (values, environment, message) => {
    Object.assign(process.env, environment);
    expect(() => serveSettings(values)).toThrow(message);
  });
});
