import { execFileSync } from 'node:child_process';
import path from 'node:path';

const PROGRAM = `
const { MemorySink, ModelDataCollector } = LOAD;
const sink = new MemorySink();
const inputs = new ModelDataCollector('m', { featureNames: ['x'], sink });
const { correlations } = inputs.collect([1]);
inputs.close().then(() => console.log(JSON.stringify([correlations.correlationId, sink.rows()[0].$aml_dc_correlation_id])));
`;

describe.each([
  ['required', 'commonjs', "require('@azureml-ts/monitoring')"],
  ['imported', 'module', "await import('@azureml-ts/monitoring')"],
])('the package, %s', (_, type, load) => {
  it('gives calls ids that no other process gives', () => {
    const ids = Array.from({ length: 2 }, () => {
      const program = [`--input-type=${type}`, '--eval', PROGRAM.replace('LOAD', load)];
      const printed = execFileSync(process.execPath, program, { cwd: path.join(__dirname, '..', '..', '..') });
      const [given, stored] = JSON.parse(printed.toString()) as string[];
      expect(given).toMatch(/^\w{12}-1$/);
      expect(stored).toBe(given);
      return given;
    });
    expect(ids[0]).not.toBe(ids[1]);
  });
});
