import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { InferenceConfig, LocalWebservice, Model, type Webservice, Workspace } from '@azureml-ts/core';
import { CollectedData } from '@azureml-ts/data';
import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';

const identity = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
const monitoring = pathToFileURL(require.resolve('@azureml-ts/monitoring').replace(/\.cjs$/, '.js')).href;

const SCORE = `
import { ModelDataCollector } from ${JSON.stringify(monitoring)};
let inputs;
let predictions;
export function init() {
  inputs = new ModelDataCollector('sum', { designation: 'inputs', featureNames: ['a', 'b'], modelVersion: 1 });
  predictions = new ModelDataCollector('sum', { designation: 'predictions', featureNames: ['sum'], modelVersion: 1 });
}
export async function run(rawData) {
  const { data } = JSON.parse(rawData);
  const output = data.map(([a, b]) => a + b);
  console.log(JSON.stringify({ input: data, output }));
  inputs.collect(data);
  await new Promise((resolve) => setImmediate(resolve));
  predictions.collect(output.map((value) => [value]));
  return { output, stats: inputs.stats() };
}
`;

let folder: string;
let ws: Workspace;
const services: Webservice[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-e2e-'));
  ws = new Workspace(identity);
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.delete()));
  await rm(folder, { recursive: true, force: true });
});

type Options = Parameters<typeof LocalWebservice.deployConfiguration>[0];

async function deploy(script: string, options: Options = {}, name = 'svc'): Promise<LocalWebservice> {
  const entryScript = path.join(folder, `${name}.mjs`);
  await writeFile(entryScript, script);
  const service = (await Model.deploy(ws, {
    name,
    models: [],
    inferenceConfig: new InferenceConfig({ entryScript }),
    deploymentConfig: LocalWebservice.deployConfiguration({ directory: folder, ...options }),
  })) as LocalWebservice;
  services.push(service);
  return service;
}

describe('a local web service', () => {
  it('scores, collects both sides of every request, and joins them when requests overlap', async () => {
    const service = await deploy(SCORE, { collectModelData: true });
    await service.waitForDeployment();
    const requests = Array.from({ length: 40 }, (_, index) => [
      [index, 1],
      [index, 2],
    ]);
    const answers = await Promise.all(requests.map((data) => service.run<{ output: number[] }>({ data })));
    expect(answers.map((answer) => answer.output)).toEqual(requests.map((data) => data.map(([a = 0, b = 0]) => a + b)));
    await service.delete();

    const place = {
      storage: { directory: path.join(folder, 'svc') },
      workspace: identity,
      webserviceName: 'svc',
      modelName: 'sum',
      modelVersion: '1',
    };
    const inputs = await CollectedData.open({ ...place, designation: 'inputs' });
    const predictions = await CollectedData.open({ ...place, designation: 'predictions' });
    const sums: [unknown, unknown, unknown][] = [];
    const requestIds = new Set<unknown>();
    for await (const pair of inputs.join<{ a: number; b: number }, { sum: number }>(predictions)) {
      sums.push([pair.left.a, pair.left.b, pair.right.sum]);
      requestIds.add(pair.requestId);
    }
    expect(sums).toHaveLength(80);
    expect(sums.every(([a, b, sum]) => sum === Number(a) + Number(b))).toBe(true);
    expect(new Set(sums.map(String)).size).toBe(80);
    expect(requestIds.size).toBe(40);
  });

  it('ties every printed line to its request when requests overlap', async () => {
    const telemetry: TelemetryStandIn = await startTelemetryStandIn();
    try {
      const service = await deploy(SCORE, {
        enableAppInsights: true,
        appInsightsConnectionString: telemetry.connectionString,
      });
      await service.waitForDeployment();
      const ids = Array.from({ length: 20 }, (_, index) => `request-${index}`);
      await Promise.all(ids.map((requestId, index) => service.run({ data: [[index, 1000]] }, { requestId })));
      await service.delete();
      const traces = telemetry.items().filter((item) => item.data['message'] === 'STDOUT');
      const found = new Map(
        traces.map((trace) => [
          trace.properties['Request Id'],
          JSON.parse(trace.properties['Contents'] ?? '').input[0][0],
        ]),
      );
      expect(found).toEqual(new Map(ids.map((id, index) => [id, index])));
      const requests = telemetry.items().filter((item) => item.baseType === 'RequestData');
      expect(requests).toHaveLength(20);
      expect(
        requests.every((request) => request.data['responseCode'] === '200' && request.data['success'] === true),
      ).toBe(true);
      const operations = new Map(
        requests.map((request) => [request.properties['Request Id'], request.tags['ai.operation.id']]),
      );
      expect(
        traces.every((trace) => trace.tags['ai.operation.id'] === operations.get(trace.properties['Request Id'])),
      ).toBe(true);
    } finally {
      await telemetry.close();
    }
  });

  it('goes on scoring when its store and its telemetry cannot be reached, and says what became of the rows', async () => {
    const refused = 'http://127.0.0.1:9';
    const service = await deploy(SCORE, {
      collectModelData: true,
      storage: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0c2VjcmV0;BlobEndpoint=${refused}/a;`,
      enableAppInsights: true,
      appInsightsConnectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=${refused}`,
    });
    await service.waitForDeployment();
    const { output, stats } = await service.run<{ output: number[]; stats: object }>({
      data: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(output).toEqual([3, 7]);
    expect(stats).toMatchObject({ collected: 2, pending: 2 });
    await service.update({ collectModelData: false });
    const logs = await service.getLogs();
    expect(logs).toMatch(/could not store rows in account http:\/\/127\.0\.0\.1:9.*ECONNREFUSED/);
    expect(logs).toMatch(/2 rows are kept in the journal/);
    expect(logs).not.toContain('c2VjcmV0c2VjcmV0');
    expect((await service.run<{ output: number[] }>({ data: [[5, 6]] })).output).toEqual([11]);
  }, 60_000);

  it.each([
    ['has no run', 'export const init = () => undefined;', /run/],
    ['cannot be parsed', 'export const run = (', /SyntaxError|parse|syntax/i],
    [
      'imports what is not installed',
      "import 'not-installed-anywhere'; export const run = () => 1;",
      /not-installed-anywhere/,
    ],
    [
      'fails in init',
      "export const init = () => { throw new Error('no model here'); }; export const run = () => 1;",
      /no model here/,
    ],
  ])('says why a script that %s cannot be deployed', async (_, script, reason) => {
    const service = await deploy(script);
    await expect(service.waitForDeployment()).rejects.toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      message: expect.stringMatching(reason),
    });
    expect(service.state).toBe('Failed');
  });

  it('says that a port is in use, and which', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      const service = await deploy(SCORE, { port });
      await expect(service.waitForDeployment()).rejects.toMatchObject({
        code: 'DEPLOYMENT_FAILED',
        message: expect.stringContaining(String(port)),
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('does not collect while the switch is off, even when the script names a storage itself', async () => {
    const own = path.join(folder, 'own');
    await mkdir(own);
    const script = SCORE.replaceAll(
      'modelVersion: 1',
      `modelVersion: 1, storage: { directory: ${JSON.stringify(own)} }`,
    );
    const service = await deploy(script, { collectModelData: false });
    await service.waitForDeployment();
    const { stats } = await service.run<{ stats: object }>({ data: [[1, 2]] });
    expect(stats).toMatchObject({ collected: 1, dropped: { disabled: 1 } });
  });

  it('leaves no process behind', async () => {
    const service = await deploy('export const run = () => process.pid;');
    await service.waitForDeployment();
    const pid = await service.run<number>('');
    expect(() => process.kill(pid, 0)).not.toThrow();
    await service.delete();
    expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });
});
