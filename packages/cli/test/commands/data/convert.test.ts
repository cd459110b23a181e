import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const INPUTS = 'sub/rg/ws/svc/best_model/1/inputs/2021/03/04';
let directory: string;
let target: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-convert-'));
  target = path.join(directory, 'new');
  await mkdir(path.join(directory, 'modeldata', INPUTS), { recursive: true });
  await writeFile(path.join(directory, 'modeldata', INPUTS, 'inputs.csv'), 'age,member\r\n41,True\r\n37,true\r\n');
});
afterEach(() => rm(directory, { recursive: true }));

async function run(...argv: readonly string[]) {
  const io = new RecordedIo(dataEnvironment(pathToFileURL(directory).href));
  const names = ['--model', 'best_model', '--model-version', '1', '--designation', 'inputs'];
  const code = await main(['data', 'convert', ...names, target, ...argv], io);
  return { code, out: io.out, error: io.error };
}

describe('azureml-ts data convert', () => {
  it('lists the new files, and tells what is lost', async () => {
    const { code, out, error } = await run();
    expect(code).toBe(0);
    expect(out).toContain(`modeldata/${INPUTS}/data.csv`);
    expect(error).toContain('member: 0 empty texts are null now, 1 cells are read as another value');
    expect(error).toContain('azureml-ts: 2 rows in');
  });

  it('prints the manifest as JSON', async () => {
    const { code, out } = await run('--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ manifest: { format: 'azureml-ts-conversion', rows: 2 } });
  });

  it('ends with 2 when the target has such files', async () => {
    await run();
    const { code, error } = await run();
    expect(code).toBe(2);
    expect(error).toContain('has files of this stream already');
  });

  it('asks for the workspace of JSON Lines', async () => {
    const io = new RecordedIo({ AML_MODEL_DC_STORAGE: pathToFileURL(directory).href });
    const names = ['--endpoint', 'ep', '--deployment', 'blue', '--collection', 'model_inputs'];
    const code = await main(['data', 'convert', '--layout', 'json-lines', ...names, target], io);
    expect(code).not.toBe(0);
    expect(io.error).toContain('Give --subscription-id');
  });
});
