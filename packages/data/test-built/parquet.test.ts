import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = `
const { CollectedData } = LOAD;
const [directory, target] = process.argv.slice(-2);
const stream = { workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' }, webserviceName: 'svc', modelName: 'm', modelVersion: '1', designation: 'inputs' };
CollectedData.open({ ...stream, storage: { directory } })
  .then((data) => data.toParquet(target))
  .then(({ manifest }) => console.log(JSON.stringify([manifest.rows, manifest.schema[0]])));
`;
const FILE = 'modeldata/sub/rg/ws/svc/m/1/inputs/2026/03/04/data.csv';
const CALL = '$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'azureml-ts-data-built-'));
  mkdirSync(path.join(folder, path.dirname(FILE)), { recursive: true });
  writeFileSync(path.join(folder, FILE), `x,${CALL}\n1.5,w-1,,2026-03-04T00:00:00.000Z,\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each([
  ['required', 'commonjs', "require('@azureml-ts/data')"],
  ['imported', 'module', "await import('@azureml-ts/data')"],
])('the package, %s', (_, type, load) => {
  it('writes Parquet with the optional packages, which it finds without a network', () => {
    const target = path.join(folder, 'parquet');
    const program = [`--input-type=${type}`, '--eval', PROGRAM.replace('LOAD', load), folder, target];
    const printed = execFileSync(process.execPath, program, { cwd: path.join(__dirname, '..', '..', '..') });
    expect(JSON.parse(printed.toString())).toEqual([1, { name: 'x', type: 'float64' }]);
    const file = path.join(target, 'year=2026/month=03/day=04/part-0.parquet');
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1');
  });
});

it('does not contain the optional packages', () => {
  const dist = path.join(__dirname, '..', 'dist');
  const code = readdirSync(dist).filter((name) => /\.c?js$/.test(name));
  expect(code.length).toBeGreaterThan(0);
  for (const name of code) {
    expect(readFileSync(path.join(dist, name), 'utf8')).not.toContain('parquet_wasm_bg.wasm');
  }
});
