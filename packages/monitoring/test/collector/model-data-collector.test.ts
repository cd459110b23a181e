import { runWithRequest, setLogSink } from '@azureml-ts/common';
import { ModelDataCollector } from '../../src/collector/model-data-collector.ts';
import type { CollectorIssue, ModelDataCollectorOptions } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { dataFilesBelow, identity, temporaryFolder } from '../support/workspace.ts';

const lines: string[] = [];
let restoreLog: () => void;
const open: ModelDataCollector[] = [];

beforeEach(() => {
  lines.length = 0;
  restoreLog = setLogSink((line) => lines.push(line));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((collector) => collector.close().catch(() => undefined)));
  restoreLog();
  for (const name of Object.keys(process.env)) {
    if (/^(AML_|AZUREML_|SERVICE_NAME|WORKSPACE_NAME)/.test(name)) {
      delete process.env[name];
    }
  }
});

function make(options: ModelDataCollectorOptions = {}, modelName = 'best_model'): ModelDataCollector {
  const collector = new ModelDataCollector(modelName, { ...identity, designation: 'inputs', ...options });
  open.push(collector);
  return collector;
}

describe('ModelDataCollector', () => {
  it('stores rows at the documented path with the documented columns', async () => {
    const directory = await temporaryFolder();
    const clock = new FakeClock('2026-03-04T05:06:07.890Z');
    const inputs = make({ featureNames: ['feat1', 'feat2'], storage: { directory }, clock });
    const receipt = inputs.collect(
      [
        [1, 'a,b'],
        [2.5, null],
      ],
      { correlationId: 'loan-4711' },
    );
    await inputs.close();
    const id = receipt.correlations.correlationId;
    expect(receipt).toMatchObject({ accepted: 2, rejected: 0 });
    expect(id).toMatch(/^[A-Za-z0-9]{12}-1$/);
    expect(await dataFilesBelow(directory)).toEqual(
      new Map([
        [
          'modeldata/sub/rg/ws/svc/best_model/1/inputs/2026/03/04/data.csv',
          'feat1,feat2,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id\n' +
            `1,"a,b",${id},loan-4711,2026-03-04T05:06:07.890Z,\n` +
            `2.5,,${id},loan-4711,2026-03-04T05:06:07.890Z,\n`,
        ],
      ]),
    );
    expect(inputs.stats()).toMatchObject({
      collected: 2,
      stored: 2,
      pending: 0,
      pendingBytes: 0,
      lastError: undefined,
    });
  });

  it('takes its place in the path from the environment', () => {
    Object.assign(process.env, {
      AZUREML_ARM_SUBSCRIPTION: 'S',
      AZUREML_ARM_RESOURCEGROUP: 'R',
      WORKSPACE_NAME: 'W',
      SERVICE_NAME: 'svc-1',
      AZUREML_MODEL_DIR: '/models/best_model/12',
    });
    const collector = new ModelDataCollector('best_model', { designation: 'inputs', enabled: false });
    expect(collector.stream).toEqual({
      workspace: { subscriptionId: 'S', resourceGroup: 'R', workspaceName: 'W' },
      webserviceName: 'svc-1',
      modelName: 'best_model',
      modelVersion: '12',
      designation: 'inputs',
    });
    expect(new ModelDataCollector('other', { enabled: false }).stream).toMatchObject({
      modelVersion: 'default',
      designation: 'general',
    });
  });

  it('is switched by AML_MODEL_DC_STORAGE_ENABLED, unless the program decides', async () => {
    const directory = await temporaryFolder();
    const storage = { directory };
    expect(make({ storage }).enabled).toBe(true);
    expect(make().enabled).toBe(false);
    process.env['AML_MODEL_DC_STORAGE_ENABLED'] = 'false';
    expect(make({ storage }).enabled).toBe(false);
    expect(make({ storage, enabled: true }).enabled).toBe(true);
    process.env['AML_MODEL_DC_STORAGE_ENABLED'] = 'True';
    process.env['AML_MODEL_DC_STORAGE'] = `file://${directory}`;
    const collector = make();
    collector.collect([1]);
    await collector.close();
    expect((await dataFilesBelow(directory)).size).toBe(1);
  });

  it('says how to switch it on when it is off, and counts what it did not collect', () => {
    const collector = make();
    expect(collector.collect([[1], [2]])).toMatchObject({ accepted: 0, rejected: 2, reason: 'disabled' });
    expect(collector.stats()).toMatchObject({ collected: 2, dropped: { disabled: 2 } });
    expect(lines.join()).toContain('AML_MODEL_DC_STORAGE_ENABLED=true');
  });

  it('goes on scoring when the storage setting is missing or malformed, and reports it once', () => {
    for (const setting of [undefined, 'AccountKey=topsecret', 'nonsense']) {
      if (setting !== undefined) {
        process.env['AML_MODEL_DC_STORAGE'] = setting;
      }
      const issues: CollectorIssue[] = [];
      const collector = make({ enabled: true, onError: (issue) => issues.push(issue) });
      collector.collect([1]);
      expect(collector.collect([1])).toMatchObject({ accepted: 0, reason: 'failed' });
      expect(issues).toHaveLength(1);
      expect(issues[0]?.message).toContain('AML_MODEL_DC_STORAGE');
      expect(collector.stats()).toMatchObject({ collected: 2, dropped: { failed: 2 } });
    }
    expect(lines.join()).not.toContain('topsecret');
  });

  it('tells of bad options when it is made', () => {
    const bad: [ModelDataCollectorOptions, RegExp][] = [
      [{ featureNames: ['a', 'a'] }, /featureNames must be free of repeated names/],
      // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested.
      [{ featureNames: ['a', , 'b'] as string[] }, /featureNames/],
      [{ onInvalid: 'thrwo' as 'throw' }, /onInvalid must be 'report' or 'throw'/],
      [{ modelVersion: Number.NaN }, /modelVersion/],
      [{ workspace: 'x' as never }, /workspace/],
      [{ storage: {} as never }, /storage must be one of/],
      [{ storage: { directory: '' } }, /directory is empty/],
      [{ storage: { accountUrl: undefined as never } }, /accountUrl is undefined/],
      [{ storage: { connectionString: 'AccountKey=secret1' } }, /storage.connectionString must be/],
      [{ featureNames: [] }, /featureNames/],
      [{ featureNames: ['$aml_request_id'] }, /columns that the collector adds/],
      [{ flushIntervalMs: 0 }, /flushIntervalMs must be a number from 10 to 86400000, but is 0/],
      [{ samplingRate: 2 }, /samplingRate/],
      [{ designation: 'a/b' }, /designation must be free of slashes/],
      [{ designation: 'a', identifier: 'b' }, /identifier must be left out when designation is given/],
    ];
    for (const [options, message] of bad) {
      expect(() => make(options)).toThrow(message);
    }
    expect(() => make({}, '')).toThrow(/modelName/);
    expect(() => new ModelDataCollector('m', null as never)).toThrow(/options must be an object/);
  });

  it('counts and reports what is not rows, once, and takes the next good row', async () => {
    const directory = await temporaryFolder();
    const issues: CollectorIssue[] = [];
    const inputs = make({ featureNames: ['a', 'b'], storage: { directory }, onError: (issue) => issues.push(issue) });
    expect(inputs.collect([1, 2, 3])).toMatchObject({ accepted: 0, rejected: 1, reason: 'invalid' });
    expect(inputs.collect([[1], [2]])).toMatchObject({ rejected: 2, reason: 'invalid' });
    expect(inputs.collect([1, 2])).toMatchObject({ accepted: 1 });
    expect(issues.map((issue) => issue.code)).toEqual(['INVALID_ROWS']);
    expect(issues[0]?.message).toContain('3 values, but there are 2 feature names');
    await inputs.close();
    expect(inputs.stats()).toMatchObject({ collected: 4, stored: 1, dropped: { invalid: 3 } });
  });

  it('throws for what is not rows when asked to', async () => {
    const inputs = make({ featureNames: ['a'], storage: { directory: await temporaryFolder() }, onInvalid: 'throw' });
    expect(() => inputs.collect(Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });

  it('is not disturbed by an async onError that rejects', async () => {
    const inputs = make({ enabled: true, onError: async () => Promise.reject(new Error('mine too')) });
    expect(inputs.collect([1]).reason).toBe('failed');
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines.join()).toContain('onError of ModelDataCollector best_model/inputs failed: mine too');
  });

  it('takes null for options, and numbers for ids', async () => {
    const directory = await temporaryFolder();
    const inputs = make({ featureNames: ['x'], storage: { directory } });
    expect(inputs.collect([1], null as never).accepted).toBe(1);
    const options = { correlationId: 4711 as unknown as string, correlations: null as never };
    expect(inputs.collect([1], options).correlations.userCorrelationId).toBe('4711');
    await inputs.close(null as never);
    expect(inputs.stats().stored).toBe(2);
  });

  it('refuses a bad time limit without harm', async () => {
    const inputs = make({ featureNames: ['x'], storage: { directory: await temporaryFolder() } });
    inputs.collect([1]);
    for (const timeoutMs of [Number.NaN, -1]) {
      await expect(inputs.close({ timeoutMs })).rejects.toMatchObject({ code: 'VALIDATION' });
      await expect(inputs.flush({ timeoutMs })).rejects.toMatchObject({ code: 'VALIDATION' });
    }
    await inputs.close({ timeoutMs: Number.POSITIVE_INFINITY });
    expect(inputs.stats()).toMatchObject({ collected: 1, stored: 1 });
  });

  it('refuses a call that no append can hold', async () => {
    const inputs = make({
      featureNames: ['x'],
      storage: { directory: await temporaryFolder() },
      maxBufferBytes: Number.MAX_SAFE_INTEGER,
    });
    expect(inputs.collect(['x'.repeat(49 * 1_048_576)])).toMatchObject({ accepted: 0, reason: 'invalid' });
  });

  it('is not disturbed by an onError that throws', () => {
    const inputs = make({
      enabled: true,
      onError: () => {
        throw new Error('mine');
      },
    });
    expect(inputs.collect([1]).reason).toBe('failed');
    expect(lines.join()).toContain('onError of ModelDataCollector best_model/inputs failed: mine');
  });

  it('pairs the n-th inputs call of a request with its n-th predictions call, also when requests overlap', async () => {
    const directory = await temporaryFolder();
    const inputs = make({ featureNames: ['x'], storage: { directory } });
    const predictions = make({ designation: 'predictions', featureNames: ['y'], storage: { directory } });
    const score = (requestId: string) =>
      runWithRequest({ requestId }, async () => {
        const first = inputs.collect([1]);
        await new Promise((resolve) => setImmediate(resolve));
        const second = inputs.collect([2]);
        const outputs = [predictions.collect([10]), predictions.collect([20])];
        expect(outputs.map((output) => output.correlations.correlationId)).toEqual([
          first.correlations.correlationId,
          second.correlations.correlationId,
        ]);
        expect(first.correlations.requestId).toBe(requestId);
        return [first, second];
      });
    const receipts = (await Promise.all(['r1', 'r2', 'r3'].map(score))).flat();
    expect(new Set(receipts.map((receipt) => receipt.correlations.correlationId)).size).toBe(6);
  });

  it('lets a named call take its place, and does not hand row ids to rows of another number', () => {
    const off = { enabled: false };
    const inputs = make({ featureNames: ['x'], ...off });
    const predictions = make({ designation: 'predictions', featureNames: ['y'], ...off });
    runWithRequest({ requestId: 'r' }, () => {
      const first = inputs.collect([[1], [2]], { correlationId: ['u1', 'u2'] }).correlations;
      const second = inputs.collect([3]).correlations;
      const named = predictions.collect([10], { correlations: second });
      const unnamed = predictions.collect([20]);
      const further = predictions.collect([30]);
      expect(named.correlations.correlationId).toBe(second.correlationId);
      expect(unnamed.correlations.correlationId).toBe(first.correlationId);
      expect(unnamed.reason).toBe('disabled');
      expect([first.correlationId, second.correlationId]).not.toContain(further.correlations.correlationId);
    });
  });

  it.each([
    { scoringTimestamp: '2026-01-01T00:00:00.000Z' },
    { correlationId: 'w-1', scoringTimestamp: 'Nov 21, 2026' },
    { correlationId: 'w-1', scoringTimestamp: '+012026-01-01T00:00:00Z' },
    { correlationId: 'w-1', scoringTimestamp: '2026-01-01T00:00:00Z', requestId: 'a\nb' },
  ])('refuses correlations from outside that are not whole: %j', async (correlations) => {
    const inputs = make({ featureNames: ['x'], storage: { directory: await temporaryFolder() } });
    expect(inputs.collect([1], { correlations: correlations as never }).reason).toBe('invalid');
  });

  it('ties rows by the correlations handed over, to the day of their scoring', async () => {
    const directory = await temporaryFolder();
    const clock = new FakeClock('2026-03-04T23:59:59.999Z');
    const inputs = make({ featureNames: ['x'], storage: { directory }, clock });
    const labels = make({ designation: 'labels', featureNames: ['truth'], storage: { directory }, clock });
    const { correlations } = inputs.collect([[1], [2]], { correlationId: ['u1', 'u2'] });
    await clock.advance(5000);
    labels.collect([[7], [8]], { correlations });
    await Promise.all([inputs.close(), labels.close()]);
    const stored = await dataFilesBelow(directory);
    const text = stored.get('modeldata/sub/rg/ws/svc/best_model/1/labels/2026/03/04/data.csv');
    expect(text?.split('\n').slice(1, 3)).toEqual([
      `7,${correlations.correlationId},u1,2026-03-04T23:59:59.999Z,`,
      `8,${correlations.correlationId},u2,2026-03-04T23:59:59.999Z,`,
    ]);
  });

  it('refuses ids that could break the file or do not match the rows', async () => {
    const inputs = make({ featureNames: ['x'], storage: { directory: await temporaryFolder() } });
    expect(inputs.collect([[1]], { correlationId: 'a\nb' }).reason).toBe('invalid');
    expect(inputs.collect([[1]], { correlationId: 'x'.repeat(257) }).reason).toBe('invalid');
    expect(inputs.collect([[1], [2]], { correlationId: ['only one'] })).toMatchObject({
      rejected: 2,
      reason: 'invalid',
    });
  });

  it('keeps or drops both sides of a request together when it samples', async () => {
    const directory = await temporaryFolder();
    const inputs = make({ featureNames: ['x'], storage: { directory }, samplingRate: 0.5 });
    const predictions = make({
      designation: 'predictions',
      featureNames: ['y'],
      storage: { directory },
      samplingRate: 0.5,
    });
    const kept = Array.from({ length: 400 }, (_, index) =>
      runWithRequest({ requestId: `r${index}` }, () => [
        inputs.collect([1]).accepted,
        predictions.collect([1]).accepted,
      ]),
    );
    expect(kept.every(([input, prediction]) => input === prediction)).toBe(true);
    const share = inputs.stats().collected - inputs.stats().dropped.sampled;
    expect(share).toBeGreaterThan(140);
    expect(share).toBeLessThan(260);
  });

  it('drops the newest rows when memory is full, counts them, and says so once', async () => {
    const issues: CollectorIssue[] = [];
    const inputs = make({
      featureNames: ['x'],
      storage: { directory: await temporaryFolder() },
      maxBufferBytes: 1024,
      onError: (issue) => issues.push(issue),
    });
    const reasons = Array.from({ length: 50 }, () => inputs.collect(['some text of a row']).reason);
    const full = reasons.filter((reason) => reason === 'bufferFull').length;
    expect(full).toBeGreaterThan(20);
    expect(reasons[0]).toBeUndefined();
    expect(inputs.stats()).toMatchObject({ collected: 50, pending: 50 - full, dropped: { bufferFull: full } });
    expect(issues.map((issue) => issue.code)).toEqual(['BUFFER_FULL']);
    await inputs.close();
    expect(inputs.stats().stored).toBe(50 - full);
  });

  it('waits for room instead of dropping when asked to', async () => {
    const directory = await temporaryFolder();
    const inputs = make({ featureNames: ['x'], storage: { directory }, maxBufferBytes: 1024 });
    const receipts = await Promise.all(
      Array.from({ length: 200 }, (_, index) => inputs.collectAsync([`row ${index}`])),
    );
    expect(receipts.every((receipt) => receipt.accepted === 1)).toBe(true);
    await inputs.close();
    expect(inputs.stats()).toMatchObject({ collected: 200, stored: 200 });
  });

  it('does not wait for ever for a call that can never fit', async () => {
    const inputs = make({ featureNames: ['x'], storage: { directory: await temporaryFolder() }, maxBufferBytes: 1024 });
    expect((await inputs.collectAsync(['x'.repeat(2000)])).reason).toBe('bufferFull');
  });

  it('counts rows that come after close', async () => {
    const inputs = make({ featureNames: ['x'], storage: { directory: await temporaryFolder() } });
    inputs.collect([1]);
    await inputs.close();
    await inputs.close();
    expect(inputs.collect([2]).reason).toBe('closed');
    expect(inputs.stats()).toMatchObject({ collected: 2, stored: 1, dropped: { closed: 1 } });
  });

  it('puts rows with other columns into a file of their own', async () => {
    const directory = await temporaryFolder();
    for (const featureNames of [['a'], ['a', 'b'], ['a']]) {
      const collector = make({ featureNames, storage: { directory }, clock: new FakeClock() });
      collector.collect([featureNames.map(() => 1)]);
      await collector.close();
    }
    const files = await dataFilesBelow(directory);
    expect([...files.keys()].map((name) => name.split('/').at(-1))).toEqual([
      expect.stringMatching(/^data-[0-9a-f]{8}\.csv$/),
      'data.csv',
    ]);
    expect([...files.values()].map((text) => text.split('\n').length)).toEqual([3, 4]);
  });
});
