import { CollectedData } from '../../src/index.ts';
import { all, call, HEADER, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const ROOT = 'sub/rg/ws/svc/best_model/1';
const PYTHON =
  '$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id';
const NO_REQUEST = '00000000-0000-0000-0000-000000000000';
const A = '3f2c0a4e-0000-4000-8000-00000000000a';
const B = '3f2c0a4e-0000-4000-8000-00000000000b';

/** The eight columns as the Python package writes them. */
function python(id: string, time: string, request = NO_REQUEST): string {
  return `${id},${time},1440,sub/rg/ws,svc,best_model,1,${request}`;
}

async function open(directory: string, designation: string): Promise<CollectedData> {
  return CollectedData.open({ ...stream, designation, storage: { directory } });
}

describe('rows of the Python package', () => {
  it('find their predictions and labels, and their users’ ids, in a range that our collector wrote on', async () => {
    const directory = await temporaryFolder();
    const ours = `${call('w-1', '2024-03-07T09:00:00.000Z').replace(',,', ',own-9,')}request-9`;
    await writeFiles(directory, {
      [`${ROOT}/inputs/2024/03/07/inputs.csv`]:
        `x,on,${PYTHON}\r\n1e-07,True,${python(`user-7-${A}`, '2024-03-07T08:09:10.123456')}\n` +
        `2.0,False,${python(`user-7-${A}`, '2024-03-07T08:09:10.123456')}\n` +
        `nan,True,${python(B, '2024-03-07T08:09:11', '11111111-1111-4111-8111-111111111111')}\n`,
      [`${ROOT}/inputs/2024/03/07/data.csv`]: `${HEADER.replace('x,', 'x,on,')}5,true,${ours}\n`,
      // Predictions with correlations: a header and rows in CRLF.
      [`${ROOT}/predictions/2024/03/07/predictions.csv`]:
        `y,${PYTHON}\r\n0.1,${python(`user-7-${A}`, '2024-03-07T08:09:10.123456')}\r\n` +
        `0.2,${python(`user-7-${A}`, '2024-03-07T08:09:10.123456')}\r\n0.3,${python(B, '2024-03-07T08:09:11')}\r\n`,
      [`${ROOT}/predictions/2024/03/07/data.csv`]: `${HEADER.replace('x,', 'y,')}0.4,${ours}\n`,
      // A label that came weeks later stands in the day of its scoring.
      [`${ROOT}/labels/2024/03/07/labels.csv`]: `z,${PYTHON}\r\n10,${python(`user-7-${A}`, '2024-03-07T08:09:10.123456')}\r\n`,
    });
    const inputs = await open(directory, 'inputs');
    const joined = inputs.join(await open(directory, 'predictions'), { orderBy: 'time' });
    const rows = await all(joined);
    expect(rows).toEqual([
      {
        correlationId: `user-7-${A}`,
        position: 0,
        userCorrelationId: 'user-7',
        scoringTimestamp: '2024-03-07T08:09:10.123456Z',
        requestId: undefined,
        modelVersion: '1',
        left: { x: 1e-7, on: true },
        right: { y: 0.1 },
      },
      expect.objectContaining({ position: 1, left: { x: 2, on: false }, right: { y: 0.2 } }),
      {
        correlationId: B,
        position: 0,
        userCorrelationId: undefined,
        scoringTimestamp: '2024-03-07T08:09:11Z',
        requestId: '11111111-1111-4111-8111-111111111111',
        modelVersion: '1',
        left: { x: Number.NaN, on: true },
        right: { y: 0.3 },
      },
      {
        correlationId: 'w-1',
        position: 0,
        userCorrelationId: 'own-9',
        scoringTimestamp: '2024-03-07T09:00:00.000Z',
        requestId: 'request-9',
        modelVersion: '1',
        left: { x: 5, on: true },
        right: { y: 0.4 },
      },
    ]);
    expect(joined.summary).toMatchObject({ matched: 4, leftOnly: 0, rightOnly: 0, duplicateRows: 0 });

    const labels = await open(directory, 'labels');
    const labelled = joined.joinLabels<{ z: number }>(labels);
    // One label for the call, by the user's id: both of its rows get it.
    expect((await all(labelled)).map(({ position, label }) => [position, label.z])).toEqual([
      [0, 10],
      [1, 10],
    ]);
    const byCall = joined.joinLabels<{ z: number }>(labels, { on: 'correlationId' });
    // By the call, the first label belongs to the first row.
    expect((await all(byCall)).map(({ position, label }) => [position, label.z])).toEqual([[0, 10]]);
  });

  it('are joined as they were recorded', async () => {
    // Of the recordings inputs_df_uid and predictions_df_corr, byte by byte.
    const directory = await temporaryFolder();
    const nobody = '00000000-0000-0000-0000-000000000000';
    const [time, predicted] = ['2024-03-07T08:09:10.123456', 'sub/rg/ws,predictions_df_corr,mdlx,9'];
    await writeFiles(directory, {
      'sub/rg/ws/inputs_df_uid/mdl/4/inputs/2024/03/07/aml_telemetry.csv':
        'workspaceId, serviceId, modelId, computeName, computeType, computeLocation\n, , , , , \n',
      'sub/rg/ws/inputs_df_uid/mdl/4/inputs/2024/03/07/inputs.csv': `a,${PYTHON}\r\n1,corr-7-00000000-0000-0000-0000-000000000001,${time},1440,sub/rg/ws,inputs_df_uid,mdl,4,${nobody}\n`,
      'sub/rg/ws/predictions_df_corr/mdlx/9/predictions/2024/03/07/predictions.csv': `a,${PYTHON}\r\n1,cid-1,${time},1440,${predicted},${nobody}\r\n2,cid-1,${time},1440,${predicted},${nobody}\r\n`,
    });
    const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
    const left = await CollectedData.open({
      storage: { directory },
      workspace,
      webserviceName: 'inputs_df_uid',
      modelName: 'mdl',
      modelVersion: 4,
      designation: 'inputs',
    });
    const right = await CollectedData.open({
      storage: { directory },
      workspace,
      webserviceName: 'predictions_df_corr',
      modelName: 'mdlx',
      modelVersion: 9,
      designation: 'predictions',
    });
    // Two recordings that have nothing to do with each other: every row of both is found, and none is paired.
    const rows = await all(left.join(right, { how: 'outer' }));
    expect(
      rows.map(({ userCorrelationId, correlationId, position, left: a, right: b }) => [
        userCorrelationId,
        correlationId,
        position,
        a,
        b,
      ]),
    ).toEqual([
      ['corr-7', 'corr-7-00000000-0000-0000-0000-000000000001', 0, { a: 1 }, null],
      [undefined, 'cid-1', 0, null, { a: 1 }],
      [undefined, 'cid-1', 1, null, { a: 2 }],
    ]);
  });
});
