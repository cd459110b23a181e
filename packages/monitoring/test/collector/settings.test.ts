import { inspect } from 'node:util';
import { setLogSink } from '@azureml-ts/common';
import {
  type CollectorIssue,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { identity, temporaryFolder } from '../support/workspace.ts';

const lines: string[] = [];
let restoreLog: () => void;
beforeEach(() => {
  lines.length = 0;
  restoreLog = setLogSink((line) => lines.push(line));
});
afterEach(() => {
  restoreLog();
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AML_'))) {
    delete process.env[name];
  }
});

function make(options: ModelDataCollectorOptions) {
  const sink = new MemorySink();
  const collector = new ModelDataCollector('best_model', { ...identity, featureNames: ['x'], sink, ...options });
  return { collector, sink };
}

describe('settings of a collector', () => {
  it('tells of bad ones when it is made', () => {
    const bad: [ModelDataCollectorOptions, RegExp][] = [
      [{ onFull: 'drop' as never }, /onFull must be 'dropNewest' or 'dropOldest'/],
      [{ blobType: 'page' as never }, /blobType must be 'append' or 'block'/],
      [{ filePerReplica: '' }, /filePerReplica/],
      [{ sink: { name: 'x' } as never }, /sink must be an object with append/],
      [{ journal: 'yes' as never }, /journal must be true, false or an object/],
      [{ journal: { directory: '' } }, /journal.directory must be the path of a folder/],
      [{ journal: { maxBytes: 1 } }, /journal.maxBytes must be a number from 65536/],
      [{ storage: { directory: '/x' } }, /sink must be left out when storage is given/],
    ];
    for (const [options, message] of bad) {
      expect(() => make(options)).toThrow(message);
    }
    expect(() => make({ redactKey: 17 as never })).toThrow(/^redactKey must be a text or bytes\.$/);
  });

  it('takes interval and memory from the variables of the Python package, and says which it cannot use', async () => {
    process.env['AML_MODEL_DC_STORAGE_FLUSH_WINDOW_LENGTH'] = '5';
    process.env['AML_MODEL_DC_STORAGE_MAX_SINGLE_BUFFER_SIZE'] = 'much';
    const clock = new FakeClock();
    const issues: CollectorIssue[] = [];
    const { collector } = make({ clock, onError: (issue) => issues.push(issue) });
    collector.collect([1]);
    expect(Math.max(...clock.waiting)).toBeGreaterThanOrEqual(0.9 * 300_000);
    expect(issues).toEqual([expect.objectContaining({ code: 'SETTING_IGNORED' })]);
    expect(issues[0]?.message).toContain('AML_MODEL_DC_STORAGE_MAX_SINGLE_BUFFER_SIZE must be a number');
    await collector.close();
  });

  it('prints rows while AML_MODEL_DC_DEBUG is true, also when collection is off', () => {
    process.env['AML_MODEL_DC_DEBUG'] = 'True';
    const written: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      const { collector } = make({ enabled: false });
      collector.collect([[1], ['a,b']]);
      collector.collect([[3]]);
    } finally {
      write.mockRestore();
    }
    const printed = written.join('').split('\n');
    expect(printed[0]).toMatch(/^x,\$aml_dc_correlation_id/);
    expect(printed.map((line) => line.split(',$')[0]?.split(/,(?=[A-Za-z0-9]{12}-)/)[0])).toEqual([
      'x',
      '1',
      '"a,b"',
      '3',
      '',
    ]);
  });

  it('keeps the accounts in the ledger, with what was dropped and why', async () => {
    const clock = new FakeClock('2026-03-04T05:06:07.890Z');
    const { collector, sink } = make({ clock, samplingRate: 1 });
    collector.collect([1]);
    collector.collect([1, 2, 3] as never);
    collector.collect([[1, 2]] as never);
    collector.collect([[4], [5]]);
    await collector.close();
    const last = sink.ledger.at(-1);
    expect(last).toMatchObject({
      version: 1,
      day: '2026-03-04',
      kind: 'closed',
      lastCall: 4,
      collected: collector.stats().collected,
      stored: collector.stats().stored,
      pending: 0,
      samplingRate: 1,
    });
    const { collected = 0, stored = 0, dropped = {} } = last ?? {};
    expect(collected).toBe(stored + Object.values(dropped).reduce((sum, count) => sum + count, 0));
    expect(last?.stream).toEqual(collector.stream);
  });

  it('goes on when the ledger cannot be written, and says so once', async () => {
    const issues: CollectorIssue[] = [];
    const sink = new MemorySink();
    sink.record = async () => {
      throw Object.assign(new Error('not you'), { statusCode: 403, code: 'AuthorizationFailure' });
    };
    const { collector } = make({ sink, onError: (issue) => issues.push(issue) });
    for (let index = 0; index < 3; index += 1) {
      collector.collect([index]);
      await collector.flush();
    }
    await collector.close();
    expect(issues.map(({ code }) => code)).toEqual(['LEDGER_FAILED']);
    expect(collector.stats()).toMatchObject({ collected: 3, stored: 3 });
  });

  it('drops the oldest rows when told to, and counts them', async () => {
    const sink = new MemorySink();
    const gate = Promise.withResolvers<void>();
    sink.before = () => gate.promise;
    const { collector } = make({ sink, maxBufferBytes: 1_024, onFull: 'dropOldest' });
    for (let index = 0; index < 50; index += 1) {
      expect(collector.collect([`row ${index} `.padEnd(20, 'x')]).accepted).toBe(1);
    }
    const { collected, pending, dropped } = collector.stats();
    expect(collected).toBe(50);
    expect(pending + dropped.bufferFull).toBe(50);
    expect(dropped.bufferFull).toBeGreaterThan(20);
    gate.resolve();
    await collector.close();
    const rows = sink.rows().map((row) => Number(/\d+/.exec(row['x'] ?? '')));
    expect(rows).toEqual(Array.from({ length: rows.length }, (_, index) => 50 - rows.length + index));
    expect(collector.stats()).toMatchObject({ stored: rows.length, pending: 0 });
  });

  it('gives a receipt that shows its correlations, also as JSON', async () => {
    const { collector } = make({});
    const receipt = collector.collect([1]);
    const { correlationId } = receipt.correlations;
    expect(JSON.parse(JSON.stringify(receipt))).toMatchObject({ accepted: 1, correlations: { correlationId } });
    expect(inspect(receipt)).toContain(correlationId);
    expect(correlationId).toMatch(/^[A-Za-z0-9]{12}-1$/);
    await collector.close();
  });

  it('refuses to call rows durable when there is no journal', async () => {
    const { collector } = make({});
    collector.collect([1]);
    await expect(collector.flush({ until: 'journal' })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 1 });
    expect(collector.stats().journal).toBe('off');
    await collector.close();
  });

  it('does no input or output before the constructor has returned', async () => {
    const directory = await temporaryFolder();
    process.env['AML_MODEL_DC_JOURNAL'] = `${directory}/journal`;
    const order: string[] = [];
    const fs = jest.requireActual<typeof import('node:fs')>('node:fs');
    const mkdir = jest.spyOn(fs, 'mkdirSync').mockImplementation((...args) => {
      order.push(`mkdir ${String(args[0])}`);
      return undefined;
    });
    try {
      const collector = new ModelDataCollector('m', { ...identity, featureNames: ['x'], storage: { directory } });
      expect(order).toEqual([]);
      expect(collector.stats().collected).toBe(0);
      await collector.close();
    } finally {
      mkdir.mockRestore();
    }
  });
});
