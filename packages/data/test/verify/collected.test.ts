import { mkdir, writeFile } from 'node:fs/promises';
import { addCorrelations } from '@azureml-ts/monitoring';
import { startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { CollectedData, type VerifyProgress } from '../../src/index.ts';
import { clockAt, collector, stream, temporaryFolder } from '../support/stream.ts';
import { change, codes, DAY, folderOptions, inDay, NOON, namesIn, rows, twoWriters, verify } from './support.ts';

const NEXT_DAY = '2026-03-05';

/** A clock that a test moves. */
function movableClock(start: string) {
  const clock = { ...clockAt(start), time: Date.parse(start) };
  return Object.assign(clock, { now: () => clock.time });
}

describe('what collectors have stored', () => {
  it('holds, with the counts of each writer', async () => {
    const directory = await twoWriters();
    const report = await verify(directory, { strict: true });
    expect(codes(report.findings)).toEqual([]);
    expect(report).toMatchObject({
      holds: true,
      range: 'whole',
      totals: { days: 1, files: 1, writers: 2, collected: 40, stored: 40, pending: 0, rowsFound: 40, errors: 0 },
    });
    const [day] = report.days;
    expect(day).toMatchObject({ day: DAY, holds: true, hasLedger: true, rows: 40, underOtherIds: 0 });
    expect(day?.writers.map(({ state, stored, rowsFound, calls }) => [state, stored, rowsFound, calls]).sort()).toEqual(
      [
        ['closed', 10, 10, 10],
        ['closed', 30, 30, 10],
      ],
    );
  });

  it('holds in blobs, with progress and the hash of each file', async () => {
    const azurite = await startAzurite();
    try {
      const storage = { connectionString: azurite.connectionString };
      const directory = await temporaryFolder();
      const inputs = collector(folderOptions(directory, { storage }));
      for (let index = 0; index < 20; index += 1) {
        inputs.collect(rows(2, index));
      }
      await inputs.close();
      const data = await CollectedData.open({ ...stream, storage });
      const told: VerifyProgress[] = [];
      const report = await data.verify({ hashes: true, onProgress: (progress) => told.push(progress) });
      expect(codes(report.findings)).toEqual([]);
      expect(report.totals).toMatchObject({ stored: 40, rowsFound: 40 });
      expect(report.files.map(({ kind, rows: count }) => [kind, count])).toEqual([
        ['ledger', expect.any(Number)],
        ['rows', 40],
      ]);
      expect(report.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ''))).toBe(true);
      expect(told.at(-1)).toMatchObject({ designation: 'inputs', fileCount: 1, totalFiles: 1, rows: 40 });
      expect(told.at(-1)?.bytes).toBe(report.totals.bytes);
    } finally {
      await azurite.close();
    }
  });

  it('holds over the parts of a day whose blob has no blocks left', async () => {
    const azurite = await startAzurite();
    const proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      const storage = { connectionString: proxy.connectionString };
      const inputs = collector(folderOptions(await temporaryFolder(), { storage }));
      for (let part = 1; part <= 3; part += 1) {
        inputs.collect(rows(3, part));
        await inputs.flush();
        const path = new RegExp(`/data${part === 1 ? '' : `-${part}`}\\.csv$`);
        const query = 'comp=appendblock';
        proxy.inject({ kind: 'answer', status: 409, errorCode: 'BlockCountExceedsLimit', path, query });
      }
      inputs.collect(rows(1));
      await inputs.close();
      const data = await CollectedData.open({ ...stream, storage: { connectionString: azurite.connectionString } });
      const report = await data.verify({ strict: true });
      expect(codes(report.findings)).toEqual([]);
      expect(report.totals).toMatchObject({ files: 4, rowsFound: 10, stored: 10 });
    } finally {
      await proxy.close();
      await azurite.close();
    }
  });

  it('holds when calls were left out by sampling, refused, empty, dropped for want of room, or given up', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory, { samplingRate: 0.5, maxBufferBytes: 1_024 }));
    for (let index = 0; index < 60; index += 1) {
      inputs.collect(rows(1, index));
      inputs.collect([1, 2, 3]);
      inputs.collect([]);
    }
    const abort = new AbortController();
    const waiting = inputs.collectAsync(rows(4), { abortSignal: abort.signal });
    abort.abort(new Error('enough'));
    await waiting.catch(() => undefined);
    await inputs.close();
    const { dropped, stored } = inputs.stats();
    expect(Math.min(dropped.sampled, dropped.invalid, dropped.bufferFull, stored)).toBeGreaterThan(0);
    const report = await verify(directory);
    expect(codes(report.findings)).toEqual([]);
    const [writer] = report.days[0]?.writers ?? [];
    expect(writer).toMatchObject({ stored, rowsFound: stored, samplingRate: 0.5, missingCalls: 0 });
    expect(writer?.dropped).toMatchObject({ sampled: dropped.sampled, bufferFull: dropped.bufferFull });
  });

  it('holds when the oldest rows were dropped', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory, { maxBufferBytes: 4_096, onFull: 'dropOldest' }));
    for (let index = 0; index < 300; index += 1) {
      inputs.collect(rows(1, index));
    }
    await inputs.close();
    expect(inputs.stats().dropped.bufferFull).toBeGreaterThan(0);
    expect((await verify(directory)).findings).toEqual([]);
  });

  it('holds for rows under ids of other calls, whose writers can only be told by their sum', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory));
    const predictions = [0, 1].map(() =>
      collector(folderOptions(directory, { designation: 'predictions', featureNames: ['p'] })),
    );
    for (let index = 0; index < 10; index += 1) {
      const { correlations } = inputs.collect(rows(2, index));
      predictions[index % 2]?.collect([[1], [2]], { correlations });
    }
    predictions[0]?.collect([[3]]);
    await Promise.all([inputs, ...predictions].map((one) => one.close()));
    const report = await verify(directory, { designations: 'all' });
    expect(codes(report.findings)).toEqual([]);
    expect(report.stream.designations).toEqual(['inputs', 'predictions']);
    const day = report.days.find(({ designation }) => designation === 'predictions');
    expect(day?.writers.map(({ rowsFound, underOtherIds, calls }) => [rowsFound, underOtherIds, calls]).sort()).toEqual(
      [
        [10, 10, 0],
        [11, 10, 1],
      ],
    );
  });

  it('holds for labels that come late, to the days of their scoring and several times for one call', async () => {
    const directory = await temporaryFolder();
    const clock = movableClock(NOON);
    const inputs = collector(folderOptions(directory, { clock }));
    const calls = Array.from({ length: 6 }, (_, index) => {
      clock.time += 4 * 3_600_000;
      return inputs.collect(rows(2, index)).correlations;
    });
    await inputs.close();
    const labels = collector(folderOptions(directory, { designation: 'labels', featureNames: ['label'], clock }));
    for (const correlations of calls) {
      labels.collect(addCorrelations([[1]], correlations));
      labels.collect(addCorrelations([[0]], correlations));
    }
    labels.collect([[5]]);
    await labels.close();
    const report = await verify(directory, { designations: ['labels', 'inputs'] });
    expect(codes(report.findings)).toEqual([]);
    expect(new Set(report.days.map(({ day }) => day))).toEqual(new Set([DAY, NEXT_DAY]));
    expect(report.totals).toMatchObject({ stored: 25, rowsFound: 25 });
  });

  it('holds for files of other columns, of each replica, and without header', async () => {
    const directory = await temporaryFolder();
    for (const more of [
      { featureNames: undefined },
      { featureNames: undefined, filePerReplica: 'pod-1' },
      { featureNames: ['x', 'z'] },
    ]) {
      const inputs = collector(folderOptions(directory, more));
      inputs.collect([[1, 2]]);
      if (more.featureNames === undefined) {
        inputs.collect({ a: 1 });
        inputs.collect([[1, 2, 3]]);
      }
      await inputs.close();
    }
    const names = (await namesIn(inDay(directory, ''))).filter((name) => name.endsWith('.csv'));
    expect(names.length).toBeGreaterThan(5);
    const report = await verify(directory);
    expect(codes(report.findings)).toEqual([]);
    expect(report.totals.files).toBe(names.length);
  });

  it('follows the numbers of a writer over its days, and over a part of them', async () => {
    const directory = await temporaryFolder();
    const clock = movableClock(NOON);
    const inputs = collector(folderOptions(directory, { clock }));
    for (let day = 0; day < 4; day += 1) {
      for (let index = 0; index < 5; index += 1) {
        inputs.collect(rows(1, index));
      }
      clock.time += 86_400_000;
    }
    await inputs.close();
    expect(await verify(directory)).toMatchObject({ holds: true, range: 'whole', findings: [] });
    const part = await verify(directory, {}, { from: NEXT_DAY, to: '2026-03-06' });
    expect(part).toMatchObject({ holds: true, range: 'partial', from: NEXT_DAY, findings: [] });
    expect(part.days.map(({ day, writers }) => [day, writers[0]?.calls, writers[0]?.lastCall])).toEqual([
      [NEXT_DAY, 5, expect.any(Number)],
      ['2026-03-06', 5, expect.any(Number)],
    ]);
  });

  it('says so when there is nothing in the days, or of a designation that was named', async () => {
    const directory = await twoWriters();
    const none = await verify(directory, {}, { from: '2026-05-01' });
    expect(none).toMatchObject({ holds: true, findings: [{ code: 'NOTHING_FOUND', severity: 'warning' }] });
    expect(await verify(directory, { strict: true }, { from: '2026-05-01' })).toMatchObject({ holds: false });
    const labels = collector(
      folderOptions(directory, { designation: 'labels', clock: clockAt('2026-05-01T12:00:00Z') }),
    );
    labels.collect(rows(1));
    await labels.close();
    const may = { from: '2026-05-01' };
    const named = await verify(directory, { designations: ['inputs', 'labels'] }, may);
    expect(named.findings).toMatchObject([{ code: 'NOTHING_FOUND', designation: 'inputs' }]);
    expect(await verify(directory, { designations: 'all' }, may)).toMatchObject({ holds: true, findings: [] });
  });

  it('looks at what is of the layout that is asked for, and at nothing else', async () => {
    const directory = await twoWriters();
    expect(await verify(directory, {}, { layout: 'documented' })).toMatchObject({ holds: true, findings: [] });
    const theirs = await verify(directory, {}, { layout: 'python-v1' });
    expect(codes(theirs.findings)).toEqual(['NOTHING_FOUND']);
    expect(theirs.files).toEqual([]);
  });

  it('holds while a writer is open, and says so once it was silent for long', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory));
    inputs.collect(rows(5));
    await inputs.flush();
    inputs.collect(rows(3));
    await inputs.flush();
    const report = await verify(directory);
    expect(report).toMatchObject({ holds: true, findings: [{ code: 'WRITER_NOT_CLOSED', severity: 'warning' }] });
    expect(report.days[0]?.writers).toMatchObject([{ state: 'open', rowsFound: 8 }]);
    expect(await verify(directory, { strict: true })).toMatchObject({ holds: false });
    expect(await verify(directory, { openForMs: Number.POSITIVE_INFINITY })).toMatchObject({
      holds: true,
      findings: [],
    });
    await inputs.close();
    expect(await verify(directory)).toMatchObject({ holds: true, findings: [] });
  });

  it('goes over all versions, each with writers of its own', async () => {
    const directory = await temporaryFolder();
    for (const modelVersion of ['1', '2', '10']) {
      const inputs = collector(folderOptions(directory, { modelVersion }));
      inputs.collect(rows(2));
      await inputs.close();
    }
    const report = await verify(directory, {}, { modelVersion: 'all' });
    expect(codes(report.findings)).toEqual([]);
    expect(report.days.map(({ modelVersion, rows: count }) => [modelVersion, count])).toEqual([
      ['1', 2],
      ['2', 2],
      ['10', 2],
    ]);
    expect(await verify(directory, {}, { modelVersion: 'newest' })).toMatchObject({ totals: { writers: 1 } });
  });

  it('checks the form alone of what the Python package wrote', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory));
    inputs.collect(rows(1));
    await inputs.close();
    const line = (id: string, time = `${DAY}T10:00:00.123456`) =>
      `1,2,${id},${time},1440,sub/rg/ws,svc,best_model,1,r\r\n`;
    const header =
      'x,y,$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id\r\n';
    const [first, second] = ['0f0e0d0c-1111-4222-8333-123456789012', 'user-0f0e0d0c-1111-4222-8333-123456789013'];
    const file = inDay(directory, 'inputs.csv', NEXT_DAY);
    await mkdir(inDay(directory, '', NEXT_DAY), { recursive: true });
    const day = (time: string) => time.replace(DAY, NEXT_DAY);
    await writeFile(file, `\r\n${header}${day(line(first))}${day(line(first))}${day(line(second))}`);
    const report = await verify(directory);
    expect(report).toMatchObject({ holds: true, findings: [{ code: 'LEDGER_ABSENT', day: NEXT_DAY }] });
    expect(report.days[1]).toMatchObject({ layout: 'python-v1', rows: 3, hasLedger: false, writers: [] });
    await change(file, (text) => `${text}${day(line(first))}1,2,3\r\n${line(`${second}-b`)}`);
    const broken = await verify(directory);
    expect(broken.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['BAD_RECORD', 'error'],
      ['DUPLICATE_CALL', 'error'],
      ['LEDGER_ABSENT', 'warning'],
      ['ROW_OF_OTHER_DAY', 'warning'],
    ]);
  });
});

describe('verifying', () => {
  it('refuses options that are none, names that are not there, and ends with its signal', async () => {
    const directory = await twoWriters();
    await expect(verify(directory, { openForMs: -1 })).rejects.toMatchObject({ code: 'VALIDATION', path: 'openForMs' });
    await expect(verify(directory, { designations: [] })).rejects.toMatchObject({ path: 'designations' });
    await expect(verify(directory, { strict: 1 as never })).rejects.toMatchObject({ path: 'strict' });
    await expect(verify(directory, {}, { designation: 'labels' })).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
    });
    await expect(verify(directory, { designations: 'all' }, { modelName: 'other' })).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
    });
    const abort = new AbortController();
    const reason = new Error('enough');
    const stopped = verify(directory, { abortSignal: abort.signal, onProgress: () => abort.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
  });

  it('finds nothing to prove where collection is off', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory, { enabled: false }));
    inputs.collect(rows(2));
    await inputs.close();
    await expect(verify(directory)).rejects.toMatchObject({ code: 'COLLECTED_DATA_NOT_FOUND' });
  });
});
