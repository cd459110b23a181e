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

  it('writes JSON Lines, of the types that are declared, in which the other commands find the rows', async () => {
    const { code, out, error } = await run('--to-layout', 'json-lines', '--types', 'age=string');
    expect([code, error]).toEqual([0, expect.stringContaining('azureml-ts: 2 rows in')]);
    expect(out).toMatch(/modelDataCollector\/svc\/best_model\/inputs\/2021\/03\/04\/00\/[0-9a-f]{38}\.jsonl/);
    const io = new RecordedIo({ AML_MODEL_DC_STORAGE: pathToFileURL(target).href });
    const names = ['--path', 'modelDataCollector/svc/best_model/inputs', '--layout', 'json-lines'];
    expect(await main(['data', 'cat', ...names, '--output', 'json', '--columns', 'age,member'], io)).toBe(0);
    const rows = [
      { age: '41', member: true },
      { age: '37', member: 'true' },
    ];
    expect(JSON.parse(io.out)).toMatchObject({ rows });
  });

  it('says which cell is not of its declared type', async () => {
    const { code, error } = await run('--to-layout', 'json-lines', '--types', 'member=number');
    expect([code, error]).toEqual([5, expect.stringContaining('The cell "member" in record 2 of')]);
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
