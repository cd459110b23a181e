import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordWriter, readRecord, type ServiceRecord } from '../../src/local/service-record.ts';
import { until } from '../support/local-services.ts';

const RECORD: ServiceRecord = {
  subscriptionId: 'sub',
  resourceGroup: 'rg',
  workspaceName: 'ws',
  name: 'svc',
  state: 'Transitioning',
  port: null,
  collectModelData: false,
  enableAppInsights: false,
  models: ['m:1'],
};

describe('RecordWriter', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'core-record-'));
    file = join(directory, 'service.json');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('ends with the last record that was asked for, and leaves no other file', async () => {
    const writer = new RecordWriter(file);
    for (let port = 1; port <= 50; port += 1) {
      writer.write({ ...RECORD, port });
    }
    await until('the last one is there', async () => (await readRecord(file))?.port === 50);
    await writer.close();

    expect(await readRecord(file)).toEqual({ ...RECORD, port: 50 });
    expect(await readdir(directory)).toEqual(['service.json']);
  });

  it('writes nothing any more once it is closed', async () => {
    const writer = new RecordWriter(file);
    writer.write(RECORD);
    await writer.close();
    await rm(file, { force: true });
    writer.write(RECORD);
    await writer.close();

    expect(await readdir(directory)).toEqual([]);
  });

  it('takes a folder that is gone as no reason to fail', async () => {
    const writer = new RecordWriter(join(directory, 'gone', 'service.json'));
    writer.write(RECORD);
    await writer.close();

    expect(await readRecord(join(directory, 'gone', 'service.json'))).toBeUndefined();
  });
});
