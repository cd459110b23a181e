import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openContainer } from '@azureml-ts/monitoring/format';
import { type Azurite, type LogsStandIn, startAzurite, startLogsStandIn } from '@azureml-ts/testing';
import { ioForLogs, run } from './traces-commands.ts';

let logs: LogsStandIn;
let folder: string;
beforeEach(async () => {
  logs = await startLogsStandIn();
  folder = mkdtempSync(join(tmpdir(), 'cli-traces-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await logs.close();
});

const today = () => new Date().toISOString().slice(0, 10);
const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);
const fileOf = (day: string, name = 'traces.jsonl') => join(folder, ...day.split('-'), name);
const linesOf = (day: string) =>
  readFileSync(fileOf(day), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const manifestOf = (day: string) => JSON.parse(readFileSync(fileOf(day, 'manifest.json'), 'utf8'));

/** Runs the export to the folder and gives the days of its JSON document. */
async function exported(...argv: readonly string[]) {
  const { code, out, error } = await run(ioForLogs(logs), 'export', '--directory', folder, '--output', 'json', ...argv);
  return { code, error, rows: out === '' ? undefined : JSON.parse(out).rows };
}

describe('azureml-ts traces export', () => {
  it('keeps each day in a file of its own, with its counts and its hash', async () => {
    const [first, second] = [daysAgo(4), daysAgo(3)];
    logs.addRows('traces', [
      {
        timestamp: `${first}T23:59:59.9999999Z`,
        message: 'STDOUT',
        severityLevel: 1,
        itemId: 'i1',
        itemCount: 5,
        customDimensions: { Contents: 'AccountKey=c2VjcmV0c2VjcmV0;' },
      },
      { timestamp: `${first}T00:00:00Z`, message: 'begin', itemId: 'i0' },
      { timestamp: `${second}T00:00:00Z`, message: 'next', itemId: 'i2' },
    ]);
    const { code, rows } = await exported('--from', first, '--to', second);
    expect(code).toBe(0);
    // As they are stored, keys too: whoever reads them may read the logs.
    expect(linesOf(first)).toEqual([
      expect.objectContaining({ time: `${first}T00:00:00Z`, message: 'begin', severity: null, itemId: 'i0' }),
      {
        time: `${first}T23:59:59.9999999Z`,
        message: 'STDOUT',
        severity: 'Information',
        operationId: '',
        parentId: '',
        roleName: '',
        roleInstance: '',
        itemCount: 5,
        itemId: 'i1',
        properties: { Contents: 'AccountKey=c2VjcmV0c2VjcmV0;' },
      },
    ]);
    expect(linesOf(second).map(({ message }) => message)).toEqual(['next']);
    const bytes = readFileSync(fileOf(first));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(manifestOf(first)).toEqual({
      schemaVersion: 1,
      target: logs.resourceId,
      day: first,
      from: `${first}T00:00:00.000Z`,
      to: `${second}T00:00:00.000Z`,
      exportedAt: expect.any(String),
      rows: 2,
      items: 6,
      countedRows: 2,
      bytes: bytes.length,
      sha256,
      isComplete: true,
      reason: null,
    });
    expect(rows).toEqual([
      expect.objectContaining({
        day: first,
        outcome: 'exported',
        rows: 2,
        sha256,
        file: pathToFileURL(fileOf(first)).href,
      }),
      expect.objectContaining({ day: second, outcome: 'exported', rows: 1 }),
    ]);
    expect(readdirSync(join(fileOf(first), '..')).sort()).toEqual(['manifest.json', 'traces.jsonl']);
    expect(statSync(fileOf(first)).mode & 0o777).toBe(0o600);
  });

  it('does not fetch a complete day again, unless its file is not what it was', async () => {
    const day = daysAgo(2);
    logs.addRows('traces', [{ timestamp: `${day}T10:00:00Z`, message: 'one' }]);
    await exported('--from', day, '--to', day);
    logs.clear();
    const { error, rows } = await exported('--from', day, '--to', day);
    expect([logs.requests(), rows[0].outcome, error]).toEqual([[], 'kept', `${day}: complete already (1 traces)\n`]);
    writeFileSync(fileOf(day), 'cut');
    expect((await exported('--from', day, '--to', day)).rows[0]).toMatchObject({ outcome: 'exported', rows: 0 });
    writeFileSync(fileOf(day, 'manifest.json'), 'no JSON');
    expect((await exported('--from', day, '--to', day)).rows[0]).toMatchObject({ outcome: 'exported' });
  });

  it('keeps today as a part, and fetches it again', async () => {
    logs.addRows('traces', [{ message: 'now', timestamp: new Date(Date.now() - 1000) }]);
    const { code, error, rows } = await exported('--from', daysAgo(1));
    expect(code).toBe(0);
    expect(rows.at(-1)).toMatchObject({
      day: today(),
      outcome: 'partial',
      isComplete: false,
      reason: 'the day is not over',
    });
    expect(error).toContain('the day is not over');
    const asked = logs.requests().length;
    await exported('--from', today(), '--to', '2999-01-01');
    expect(logs.requests().length).toBeGreaterThan(asked);
    expect(manifestOf(today()).isComplete).toBe(false);
  });

  it('reads a day again whose counts differ, and exits with 1 when they stay so', async () => {
    const day = daysAgo(2);
    const timestamp = `${day}T10:00:00Z`;
    let asked = 0;
    logs.respondWith({
      onHit: () => {
        asked += 1;
        if (asked === 2) {
          logs.addRows('traces', [{ timestamp, message: 'late' }]);
        }
      },
    });
    const { code, error, rows } = await exported('--from', day, '--to', day);
    expect([code, rows[0].outcome, rows[0].rows]).toEqual([0, 'exported', 1]);
    expect(error).toContain(`${day}: 0 traces read, but 1 counted; reading them again\n`);

    asked = 0;
    rmSync(fileOf(day));
    logs.respondWith({
      onHit: () => {
        asked += 1;
        if (asked % 2 === 0) {
          logs.addRows('traces', [{ timestamp, message: 'ever more' }]);
        }
      },
    });
    const again = await exported('--from', day, '--to', day);
    expect([again.code, again.rows[0]]).toEqual([
      1,
      expect.objectContaining({ outcome: 'mismatch', isComplete: false, reason: 'the counts differ' }),
    ]);
    expect(again.error).toMatch(/Run the command again later/);
    logs.respondWith(null);
    expect((await exported('--from', day, '--to', day)).rows[0]).toMatchObject({ outcome: 'exported', rows: 4 });
  });

  it('leaves the days before a failure, and nothing half, and goes on from there', async () => {
    const [first, second] = [daysAgo(3), daysAgo(2)];
    logs.addRows('traces', [{ timestamp: `${second}T10:00:00Z`, message: 'two' }]);
    logs.respondWith([{ times: 3 }, { status: 403 }]);
    const failed = await exported('--from', first, '--to', second);
    expect([failed.code, failed.error]).toEqual([3, expect.stringContaining('PERMISSION_DENIED')]);
    expect(failed.rows).toEqual([expect.objectContaining({ day: first, outcome: 'exported' })]);
    expect(existsSync(fileOf(first))).toBe(true);
    expect(readdirSync(join(fileOf(second), '..'))).toEqual([]);
    // What a process left that was killed.
    writeFileSync(fileOf(second, '.traces.jsonl.999999999.part'), 'half');
    logs.respondWith(null);
    const { rows } = await exported('--from', first, '--to', second);
    expect(rows.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['kept', 'exported']);
    expect(readdirSync(join(fileOf(second), '..')).sort()).toEqual(['manifest.json', 'traces.jsonl']);
  });

  it('ends with 130 when it is interrupted, without a half file', async () => {
    const day = daysAgo(2);
    const io = ioForLogs(logs);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    logs.respondWith({ delayMs: 1, onHit: () => abort.abort(new Error('Interrupted')), cut: true });
    expect(await run(io, 'export', '--from', day, '--directory', folder)).toMatchObject({ code: 130, out: '' });
    expect(readdirSync(join(fileOf(day), '..'))).toEqual([]);
  });

  it('does not mix the traces of two targets', async () => {
    const day = daysAgo(2);
    await exported('--from', day, '--to', day);
    const { code, error } = await exported('--from', day, '--to', day, '--target', logs.workspaceId);
    expect([code, error]).toEqual([2, expect.stringMatching(/holds the traces of .*Give another place/)]);
  });

  it('says which file cannot be written, with 5', async () => {
    const day = daysAgo(2);
    mkdirSync(join(folder, day.slice(0, 4)), { recursive: true });
    writeFileSync(join(folder, day.slice(0, 4), day.slice(5, 7)), 'a file in the way');
    const { code, error } = await exported('--from', day, '--to', day);
    expect([code, error]).toEqual([5, expect.stringMatching(/STORAGE_FAILED/)]);
  });

  it.each([
    [['--directory', 'x'], /--from <day>/],
    [['--from', '2026-02-30', '--directory', 'x'], /UTC day such as/],
    [['--from', '2026-11-02', '--to', '2026-11-01', '--directory', 'x'], /--from must be no day after --to/],
    [['--from', '2999-01-01', '--directory', 'x'], /--from must be no day after today/],
    [['--from', '2026-11-01'], /Give --directory or --storage, or set AML_MODEL_DC_STORAGE/],
    [['--from', '2026-11-01', '--directory', 'x', '--storage', 'y'], /without --storage/],
    [['--from', '2026-11-01', '--storage', 'nonsense'], /--storage must be a storage connection string/],
  ])('refuses %j with 2', async (argv, message) => {
    const { code, error } = await run(ioForLogs(logs), 'export', ...argv);
    expect([code, error]).toEqual([2, expect.stringMatching(message)]);
    expect(logs.requests()).toEqual([]);
  });
});

describe('azureml-ts traces export to storage', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.close());

  it('keeps the days as blobs, and knows them again', async () => {
    const day = daysAgo(2);
    logs.addRows('traces', [{ timestamp: `${day}T10:00:00Z`, message: 'one' }]);
    const argv = ['export', '--from', day, '--to', day, '--container', 'kept', '--output', 'json'];
    const env = { AML_MODEL_DC_STORAGE: azurite.connectionString };
    const { code, out, error } = await run(ioForLogs(logs, env), ...argv);
    expect([code, error]).toEqual([0, `${day}: 1 traces\n`]);
    const container = await openContainer({ connectionString: azurite.connectionString }, {}, 'kept');
    const path = `${day.replaceAll('-', '/')}/traces.jsonl`;
    const blob = await container.getBlobClient(path).downloadToBuffer();
    expect(JSON.parse(blob.toString())).toMatchObject({ message: 'one' });
    const sha256 = createHash('sha256').update(blob).digest('hex');
    expect(JSON.parse(out).rows).toMatchObject([
      { day, sha256, bytes: blob.length, file: container.getBlobClient(path).url },
    ]);
    const again = await run(ioForLogs(logs, env), ...argv);
    expect(JSON.parse(again.out).rows).toMatchObject([{ outcome: 'kept' }]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('azureml-traces-'))).toEqual([]);
  });

  it('takes a folder as a file: URL', async () => {
    const day = daysAgo(2);
    await run(ioForLogs(logs), 'export', '--from', day, '--to', day, '--storage', pathToFileURL(folder).href);
    expect(manifestOf(day)).toMatchObject({ rows: 0, isComplete: true });
  });

  it('says that storage refuses, with 3, and keeps keys out of its messages', async () => {
    const key = Buffer.from('another key than the right one').toString('base64');
    const storage = azurite.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${key}`);
    const { code, out, error } = await run(ioForLogs(logs), 'export', '--from', daysAgo(2), '--storage', storage);
    expect([code, error]).toEqual([3, expect.stringMatching(/could not be read in the container .*STORAGE_FAILED/)]);
    expect(out + error).not.toContain(key);
  });
});
