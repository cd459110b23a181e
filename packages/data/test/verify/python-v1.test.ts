import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CollectedData } from '../../src/index.ts';
import { all, stream, temporaryFolder, writeFiles } from '../support/stream.ts';
import { codes } from './support.ts';

const RECORDINGS = path.join(import.meta.dirname, '../../../../test/golden/model-data-collector-v1');
/** Later rows have other columns than the first, which the Python package does not notice. */
const MIXED = new Set(['df_two_headers', 'featurename_count_mismatch']);

interface Recording {
  readonly blobs?: readonly { readonly path: string; readonly base64: string }[];
}

const files = readdirSync(RECORDINGS)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { blobs = [] } = JSON.parse(readFileSync(path.join(RECORDINGS, name), 'utf8')) as Recording;
    return blobs.map((blob) => {
      const parts = blob.path.split('/');
      return {
        name: path.parse(name).name,
        designation: parts[6] ?? '',
        file: parts.at(-1) ?? '',
        base64: blob.base64,
      };
    });
  })
  .filter(({ file }) => file !== 'aml_telemetry.csv');

describe('what the Python package wrote', () => {
  it.each(files)('is checked for its form: $name, $designation/$file', async ({ name, designation, file, base64 }) => {
    const directory = await temporaryFolder();
    const folder = `sub/rg/ws/svc/best_model/1/${designation}/2024/03/07`;
    await writeFiles(directory, { [`${folder}/${file}`]: Buffer.from(base64, 'base64') });
    const data = await CollectedData.open({ ...stream, storage: { directory }, designation });
    const report = await data.verify();
    const found = codes(report.findings.filter(({ code }) => code !== 'ROW_OF_OTHER_DAY'));
    expect([name, found]).toEqual([name, MIXED.has(name) ? ['BAD_RECORD', 'LEDGER_ABSENT'] : ['LEDGER_ABSENT']]);
    const rows = await all(data.rows({ onBadRecord: 'skip', types: 'strings' }));
    expect(report.totals.rowsFound).toBe(rows.length);
    expect(report.days[0]).toMatchObject({ layout: 'python-v1', hasLedger: false, writers: [] });
  });

  it('was recorded', () => {
    expect(files.length).toBeGreaterThan(40);
  });
});
