import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import { ModelDataCollector } from '@azureml-ts/monitoring';

const workspace = { subscriptionId: 'Sub', resourceGroup: 'rg', workspaceName: 'ws' };
const stream = { workspace, webserviceName: 'svc', modelName: 'm', modelVersion: '1' };

describe('rows in the layout of the Python package, in a folder', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'python-layout-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const collector = (designation: string, options: object = {}) =>
    new ModelDataCollector('m', {
      ...stream,
      designation,
      layout: 'python-v1',
      storage: { directory },
      journal: false,
      ...options,
    });
  const read = async (designation: string) => {
    const data = await CollectedData.open({ ...stream, designation, storage: { directory }, layout: 'python-v1' });
    const rows: Record<string, unknown>[] = [];
    for await (const row of data.rows()) {
      rows.push({ ...row });
    }
    return { data, rows };
  };

  it('are read back with every value', async () => {
    const inputs = collector('inputs', { featureNames: ['i', 'f', 'b', 's', 'n', 'big', 'missing'] });
    const { correlations } = inputs.collect(
      [
        [1, 0.5, true, 'a,b"c\r\nd', Number.NaN, 9007199254740993n, null],
        [-5, 1e-7, false, ' x ', Number.NEGATIVE_INFINITY, 2n, 'there'],
      ],
      { correlationId: 'loan' },
    );
    await inputs.close();
    const labels = collector('labels', { featureNames: ['y'] });
    labels.collect([[1], [0]], { correlations: JSON.parse(JSON.stringify(correlations)) });
    await labels.close();

    const { data, rows } = await read('inputs');
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ i: 1, f: 0.5, b: true, s: 'a,b"c\r\nd', n: Number.NaN, big: '9007199254740993', missing: null },
        $aml_dc_correlation_id: correlations.correlationId,
        $aml_workspace: 'sub/rg/ws',
      }),
      expect.objectContaining({
        i: -5,
        f: 1e-7,
        b: false,
        s: ' x ',
        n: Number.NEGATIVE_INFINITY,
        big: 2,
        missing: 'there',
      }),
    ]);
    expect((await read('labels')).rows).toEqual([
      expect.objectContaining({ y: 1, $aml_dc_correlation_id: correlations.correlationId }),
      expect.objectContaining({ y: 0 }),
    ]);
    const report = await data.verify();
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('go to files beside when their columns are others, which are read too', async () => {
    const inputs = collector('inputs');
    inputs.collect({ a: [1, 2] });
    await inputs.flush();
    inputs.collect({ b: ['x'] });
    await inputs.close();
    const [year = ''] = await readdir(path.join(directory, 'modeldata/sub/rg/ws/svc/m/1/inputs'));
    expect(year).toMatch(/^\d{4}$/);
    expect((await read('inputs')).rows).toEqual([
      expect.objectContaining({ a: 1 }),
      expect.objectContaining({ a: 2 }),
      expect.objectContaining({ b: 'x' }),
    ]);
  });
});
