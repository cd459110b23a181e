import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceConfig } from '../../src/model/inference-config.ts';
import { localServices, rejection, until } from '../support/local-services.ts';

const INSIGHTS = 'InstrumentationKey=00000000-1111-2222-3333-444444444444';
const STORAGE = 'https://account.blob.core.windows.net/?sig=s3cr3t';

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

describe('the report of an update', () => {
  it('names each field that changes, masks text, and says that the process restarts', async () => {
    const service = await local.deployed({ config: { environmentVariables: { GREETING: 'hello', OLD: '1' } } });

    const report = await service.update({
      collectModelData: true,
      storage: STORAGE,
      environmentVariables: { GREETING: 's3cr3t' },
    });

    expect(report).toEqual({
      name: 'svc',
      kind: 'LocalWebservice',
      isDryRun: false,
      parts: [
        {
          deploymentName: undefined,
          isRolling: true,
          outcome: 'completed',
          changes: [
            { path: '/collectModelData', from: false, to: true },
            { path: '/storage', from: undefined, to: '[redacted]' },
            { path: '/environmentVariables/GREETING', from: '[redacted]', to: '[redacted]' },
            { path: '/environmentVariables/OLD', from: '[redacted]', to: undefined },
          ],
        },
      ],
    });
  });

  it('of a dry run is the same, but nothing changes', async () => {
    const service = await local.deployed();
    const { pid } = service;
    const options = { collectModelData: true, appInsightsConnectionString: INSIGHTS, enableAppInsights: true };

    const planned = await service.update(options, { dryRun: true });

    expect(planned).toMatchObject({ isDryRun: true, parts: [{ isRolling: true, outcome: 'planned' }] });
    expect(service).toMatchObject({ pid, collectModelData: false, enableAppInsights: false, state: 'Healthy' });
    expect(await service.update({}, { dryRun: true })).toMatchObject({
      parts: [{ changes: [], isRolling: false, outcome: 'unchanged' }],
    });
    const done = await service.update(options);
    expect(done.parts[0]?.changes).toEqual(planned.parts[0]?.changes);
    expect(service.pid).not.toBe(pid);
  });

  it('refuses in a dry run what it would refuse', async () => {
    const service = await local.deployed();

    const refused = await rejection(service.update({ numReplicas: 3, instanceCount: 2 } as object, { dryRun: true }));
    expect(refused).toMatchObject({ code: 'UNSUPPORTED_SETTING', details: { kind: 'LocalWebservice' } });
    expect(refused.message).toContain('numReplicas (AksWebservice has it), instanceCount (OnlineEndpoint has it)');
    expect(await rejection(service.update({ enableAppInsights: true }, { dryRun: true }))).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
    });
  });

  it('says that nothing restarts for what the process would not see, and keeps it for later', async () => {
    const service = await local.deployed();
    const { pid } = service;

    const report = await service.update({ storage: STORAGE, appInsightsConnectionString: INSIGHTS });
    expect(report.parts).toMatchObject([{ isRolling: false, outcome: 'completed', changes: [{}, {}] }]);
    expect(service.pid).toBe(pid);

    await service.update({ collectModelData: true });
    expect(await service.run({ env: ['AML_MODEL_DC_STORAGE'] })).toEqual({ AML_MODEL_DC_STORAGE: STORAGE });
  });

  it('compares with what was asked for before, not with what runs', async () => {
    const service = await local.deployed();

    const first = await service.update({ collectModelData: true }, { wait: false });
    const second = await service.update({ collectModelData: true });

    expect(first.parts).toMatchObject([{ outcome: 'accepted', isRolling: true, changes: [{}] }]);
    expect(second.parts).toMatchObject([{ outcome: 'unchanged', isRolling: false, changes: [] }]);
    expect(service).toMatchObject({ collectModelData: true, state: 'Healthy' });
  });

  it('says that a process that has ended is started again, also when no setting changes', async () => {
    const service = await local.deployed();
    await rejection(service.run({ crash: true }));
    await until('the end is seen', () => service.pid === undefined);

    expect(await service.update({}, { dryRun: true })).toMatchObject({
      parts: [{ changes: [], isRolling: true, outcome: 'planned' }],
    });
    expect((await service.update({})).parts).toMatchObject([{ changes: [], isRolling: true, outcome: 'completed' }]);
  });
});

describe('reload()', () => {
  it('takes the script as it is on the disk now, on the same port', async () => {
    const script = join(local.directory, 'answer.mjs');
    await writeFile(script, 'export const run = () => 1;');
    const service = await local.deployed({ inferenceConfig: new InferenceConfig({ entryScript: script }) });
    const { port } = service;
    expect(await service.run('')).toBe(1);

    await writeFile(script, 'export const run = () => 2;');
    await service.reload();
    expect(await service.run('')).toBe(2);
    expect(service.port).toBe(port);

    await writeFile(script, 'export const run = () => 3;');
    await service.reload({ wait: false });
    expect(await service.run('')).toBe(3);
    await writeFile(script, 'export const init = () => { throw new Error("typo"); }; export const run = () => 4;');
    expect(await rejection(service.reload())).toMatchObject({ reason: 'INIT_FAILED' });
    expect(service.state).toBe('Failed');
    await service.delete();
    expect(await rejection(service.reload())).toMatchObject({ code: 'WEBSERVICE_DELETED' });
  });
});
