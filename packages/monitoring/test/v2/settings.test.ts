import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startCollectionSidecar } from '@azureml-ts/testing';
import { Collector, MemorySink } from '../../src/index.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { collecting, logged } from './support.ts';

async function withFile(content: unknown): Promise<void> {
  const file = path.join(await temporaryFolder(), 'mdc-config.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  process.env['AZUREML_MDC_CONFIG_PATH'] = file;
}

/** Whether collectors of these names collect, and what is wrong with those that do not. */
function states(...names: string[]): (string | true)[] {
  return names.map((name) => {
    const { collector, codes } = collecting({ name });
    return collector.enabled || codes().join();
  });
}

describe('what the platform has set', () => {
  it('is off when nothing is set, which scoring never notices', () => {
    const { collector, codes } = collecting();
    const answer = collector.collect([{ a: 1 }]);
    expect([collector.enabled, answer.isSuccess()]).toEqual([false, false]);
    expect(answer.message).toMatch(/collection is off/);
    expect(codes()).toEqual(['CUSTOM_LOGGING_DISABLED', 'CUSTOM_LOGGING_DISABLED']);
    expect(collector.stats()).toMatchObject({ collected: 1, dropped: { disabled: 1 } });
    expect(() => new Collector({ name: 'model_inputs' }).collect([{ a: 1 }])).not.toThrow();
  });

  it.each([
    ['TRUE', true],
    ['1', false],
    ['false', false],
  ])('by the switch %s: %s', (value, enabled) => {
    process.env['AZUREML_MDC_ENABLED'] = value;
    expect(collecting().collector.enabled).toBe(enabled);
  });

  it('in a file is read by name, whatever its case, and "false" as text is off', async () => {
    await withFile({
      collections: {
        Model_Inputs: { enabled: true },
        model_outputs: { enabled: 'false' },
        app_traces: { enabled: 'True' },
        request: { enabled: true },
      },
    });
    expect(states('model_inputs', 'MODEL_INPUTS', 'app_traces', 'model_outputs', 'other')).toEqual([
      true,
      true,
      true,
      'COLLECTION_DISABLED',
      'COLLECTION_DISABLED',
    ]);
  });

  it.each([
    [-1, 0, 'No record is kept'],
    [1_000, 20, 'Every record is kept'],
  ])('keeps what it can of a share of %d percent, and says so', async (sampling_percentage, kept, message) => {
    await withFile({ collections: { model_inputs: { enabled: true, sampling_percentage } } });
    const { collector, errors } = collecting({ sink: new MemorySink() });
    const taken = Array.from({ length: 20 }, () => collector.collect([{ a: 1 }]).isSuccess());
    expect(taken.filter(Boolean)).toHaveLength(kept);
    expect(errors.map(({ code }) => code)).toEqual(['SETTING_IGNORED']);
    expect(errors[0]?.message).toContain(`but is ${sampling_percentage}. ${message}`);
    await collector.close();
  });

  it('is off altogether when only payloads of the platform are on', async () => {
    await withFile({ collections: { request: { enabled: true }, response: { enabled: true } } });
    expect(states('model_inputs')).toEqual(['CUSTOM_LOGGING_DISABLED']);
  });

  it('is read anew for every collector', async () => {
    await withFile({ collections: { a: { enabled: true } } });
    expect(states('a', 'b')).toEqual([true, 'COLLECTION_DISABLED']);
    await withFile({ collections: { b: { enabled: true } } });
    expect(states('a', 'b')).toEqual(['COLLECTION_DISABLED', true]);
    delete process.env['AZUREML_MDC_CONFIG_PATH'];
    process.env['AZUREML_MDC_ENABLED'] = 'true';
    expect(states('a', 'b')).toEqual([true, true]);
  });

  it.each([
    ['sampleRatePercentage', 25],
    ['sampling_percentage', 25],
    ['sampling_percentage', '25'],
  ])('samples by %s %p, by the correlation id', async (key, value) => {
    await withFile({ collections: { a: { enabled: true, [key]: value }, b: { enabled: true, [key]: value } } });
    const sinks = [new MemorySink(), new MemorySink()];
    const collectors = ['a', 'b'].map(
      (name, index) => collecting({ name, sink: sinks[index] as MemorySink }).collector,
    );
    for (let call = 0; call < 1_000; call += 1) {
      const context = collectors[0]?.collect([{ x: call }]);
      const other = collectors[1]?.collect([{ y: call }], context);
      expect(other?.isSuccess()).toBe(context?.isSuccess());
      expect(context?.message).toBe(context?.isSuccess() ? 'accepted' : 'dropped_sampling');
    }
    await Promise.all(collectors.map((collector) => collector.close()));
    const kept = sinks.map((sink) => sink.records().map(({ correlationid }) => correlationid));
    expect(kept[0]).toEqual(kept[1]);
    // Chance: 25 % of 1,000, six standard deviations.
    expect(Math.abs((kept[0]?.length ?? 0) - 250)).toBeLessThan(83);
    expect(collectors[0]?.stats().dropped.sampled).toBe(1_000 - (kept[0]?.length ?? 0));
  });

  it('names what is wrong with the file, the port and the storage, and nothing is thrown', async () => {
    process.env['AZUREML_MDC_CONFIG_PATH'] = '/nowhere/mdc.json';
    expect(states('a')).toEqual(['CONFIG_FILE_MISSING']);
    for (const content of ['{', '[]', '{"collections": 1}', '{"collections": {"a": true}}']) {
      await withFile(content);
      expect(states('a')).toEqual(['CONFIG_FILE_INVALID']);
    }
    delete process.env['AZUREML_MDC_CONFIG_PATH'];
    process.env['AZUREML_MDC_ENABLED'] = 'true';
    for (const port of ['abc', '0', '70000', '1.5']) {
      process.env['AZUREML_MDC_PORT'] = port;
      expect(states('a')).toEqual(['PORT_NOT_A_NUMBER']);
    }
    delete process.env['AZUREML_MDC_PORT'];
    process.env['AML_COLLECTOR_STORAGE'] = 'AccountKey=c2VjcmV0;nonsense';
    const { errors } = collecting();
    expect(errors.map(({ code }) => code)).toEqual(['STORAGE_NOT_CONFIGURED']);
    expect(JSON.stringify(errors) + logged.join()).not.toContain('c2VjcmV0');
  });

  it('says once what it cannot use', () => {
    process.env['AZUREML_MDC_ENABLED'] = 'true';
    process.env['AZUREML_MDC_SAMPLE_RATE'] = 'half';
    process.env['AZUREML_MDC_QUEUE_CAPACITY'] = '-1';
    process.env['AZUREML_MDC_FORMAT_COMPACT'] = 'true';
    const { codes } = collecting();
    expect(codes()).toEqual(['SETTING_IGNORED']);
  });

  it('counts records that wait when a capacity is set', async () => {
    process.env['AZUREML_MDC_ENABLED'] = 'true';
    process.env['AZUREML_MDC_QUEUE_CAPACITY'] = '10';
    await using sidecar = await startCollectionSidecar();
    process.env['AZUREML_MDC_PORT'] = String(sidecar.port);
    const { collector, codes } = collecting();
    const answers = Array.from({ length: 30 }, (_, index) => collector.collect([{ index }]).isSuccess());
    expect(answers.filter(Boolean)).toHaveLength(10);
    expect(codes()).toEqual(Array(20).fill('QUEUE_FULL'));
    await collector.close();
    expect(sidecar.records().map(({ body }) => body)).toEqual(
      Array.from({ length: 10 }, (_, index) => `[{"index":${index}}]`),
    );
    expect(collector.stats()).toMatchObject({ collected: 30, stored: 10, pending: 0, dropped: { bufferFull: 20 } });
  });

  it('gives way to what the code says', async () => {
    process.env['AZUREML_MDC_ENABLED'] = 'false';
    const sink = new MemorySink();
    expect(collecting({ sink }).collector.enabled).toBe(false);
    expect(collecting({ sink, enabled: true }).collector.enabled).toBe(true);
    delete process.env['AZUREML_MDC_ENABLED'];
    expect(collecting({ sink }).collector.enabled).toBe(true);
    expect(collecting({ sink, enabled: false }).collector.enabled).toBe(false);
  });
});

describe('options of a collector', () => {
  it.each([
    [{ onError: 1 }, /onError must be a function/],
    [{ samplingRate: 25 }, /samplingRate must be a number from 0 to 1/],
    [{ sink: 'blob' }, /sink must be 'sidecar', 'stdout'/],
    [{ sink: { port: 0 } }, /sink.port must be a port/],
    [{ sink: { directory: '' } }, /sink must be one of/],
    [{ sink: { append: 1 } }, /sink.append must be a function/],
    [{ sink: { directory: '/tmp', endpointName: 'a/b' } }, /endpointName must be/],
    [{ sink: { directory: '/tmp', path: 'a//b' } }, /sink.path must be/],
    [{ columns: [] }, /columns must be an array of at least one name/],
    [{ columns: ['a', 'a'] }, /columns must be free of repeated names/],
    [{ columns: [{ name: 'a', type: 'float' }] }, /did you mean float64/],
    [{ maxRecords: 0 }, /maxRecords/],
    [{ journal: { directory: '' } }, /journal.directory/],
  ])('are checked: %p', (options, message) => {
    expect(() => new Collector({ name: 'a', ...options } as never)).toThrow(message);
  });

  it('without a name collect nothing, and it is said', () => {
    const { collector, codes } = collecting({ name: undefined as never, sink: new MemorySink() });
    expect(collector.collect([{ a: 1 }]).isSuccess()).toBe(false);
    expect(codes()).toEqual(['NAME_MISSING', 'NAME_MISSING']);
  });
});
