import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setLogSink } from '@azureml-ts/common';
import { type BadRecord, CollectedData, type Column } from '../../src/index.ts';
import { all, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const RECORDINGS = path.join(import.meta.dirname, '../../../../test/golden/model-data-collector-v1');
const DAY = 'sub/rg/ws/svc/best_model/1/inputs/2024/03/07';

interface Recording {
  readonly blobs?: readonly { readonly path: string; readonly base64: string }[];
}

async function openFile(content: string | Uint8Array, fileName = 'inputs.csv'): Promise<CollectedData> {
  const directory = await temporaryFolder();
  await writeFiles(directory, { [`${DAY}/${fileName}`]: content });
  return CollectedData.open({ ...stream, storage: { directory } });
}

/** The content of a recorded file. */
function recorded(name: string, number = 0): Buffer {
  const { blobs = [] } = JSON.parse(readFileSync(path.join(RECORDINGS, `${name}.json`), 'utf8')) as Recording;
  const files = blobs.filter((blob) => !blob.path.endsWith('aml_telemetry.csv'));
  return Buffer.from(files[number]?.base64 ?? '', 'base64');
}

/** Features of the rows of a recorded file. */
async function featuresOf(name: string, options: object = {}, number = 0): Promise<object[]> {
  const rows = await all((await openFile(recorded(name, number))).rows(options));
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !column.startsWith('$aml_'))));
}

describe('files of the Python package', () => {
  it.each<[string, object[]]>([
    [
      'df_basic',
      [
        { a: 1, b: 0.5, c: 'x' },
        { a: 2, b: null, c: null },
      ],
    ],
    ['df_colnames', [{ 'a,b': 1, 'q"x': 2, é: 3, 7: 4 }]],
    ['df_floats', [0.1, 1e21, 1e16, 1e-7, 5e-324, 1, 100, -0, Infinity, -Infinity, null].map((f) => ({ f }))],
    ['df_nested', [{ n: '[1, 2]' }, { n: "{'k': 'v'}" }]],
    [
      'df_nullable',
      [
        { i: 1, b: true },
        { i: null, b: null },
      ],
    ],
    ['df_strings', ['a,b', 'q"x', 'l1\nl2', 'é漢😀', null, null, ' sp ', 'cr\rx'].map((s) => ({ s }))],
    ['list_empty', []],
    ['list_single_empty', [{ f0: null }]],
    ['list_none_nan', [{ f0: null, f1: NaN, f2: Infinity, f3: -Infinity, f4: null }]],
    [
      'list_then_df',
      [
        { a: 1, b: 2 },
        { a: 1, b: 2 },
      ],
    ],
    ['nofeatures_list', [{ column_1: 1, column_2: 2 }]],
    ['nofeatures_inputs_list', [{ column_1: 1, column_2: 2 }]],
    ['np_f32', [{ f0: 0.1, f1: 1e10 }]],
    ['np_bool', [{ f0: true, f1: false }]],
    [
      'inputs_df',
      [
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ],
    ],
    ['unsupported_dict', []],
  ])('%s: give their values', async (name, rows) => {
    expect(await featuresOf(name)).toEqual(rows);
  });

  it('give every value as the text that it was, whatever it was', async () => {
    for (const file of readdirSync(RECORDINGS).filter((entry) => entry.endsWith('.json'))) {
      const name = file.slice(0, -'.json'.length);
      const content = recorded(name);
      const data = await openFile(content);
      // Rows with more cells than the header are reported, not shifted.
      const rows = await all(data.rows({ types: 'strings', onBadRecord: () => undefined }));
      const batches = await all(data.batches({ types: 'strings', onBadRecord: () => undefined }));
      for (const [index, row] of rows.entries()) {
        for (const [column, text] of Object.entries(row)) {
          const values = batches[0]?.columns.find((one) => one.name === column)?.values;
          expect([name, column, values?.[index] ?? '']).toEqual([name, column, text]);
          expect(content.toString().replaceAll('""', '"')).toContain(text);
        }
      }
    }
  });

  it('give dates without zone as UTC when they are declared', async () => {
    const rows = await featuresOf('df_types', { types: { d: 'date', i: 'bigint', b: 'boolean' } });
    expect(rows).toEqual([
      { b: true, d: new Date('2024-01-02T00:00:00Z'), i: 9007199254740993n, f: 0.1, t: '0 days 00:00:01', c: 'u' },
      { b: false, d: new Date('2024-01-02T03:04:05.678Z'), i: -5n, f: 1e21, t: '0 days 02:00:00', c: 'v' },
    ]);
    expect(await featuresOf('df_tz', { types: { d: 'date' } })).toEqual([{ d: new Date('2024-01-02T03:04:05Z') }]);
    const data = await openFile(recorded('df_types'));
    const [batch] = await all(data.batches({ types: { d: 'timestamp' }, callColumns: false }));
    const types = batch?.columns.map(({ name, type }: Column) => [name, type]);
    expect(types).toEqual([
      ['b', 'boolean'],
      ['d', 'timestamp'],
      ['i', 'int64'],
      ['f', 'float64'],
      ['t', 'string'],
      ['c', 'string'],
    ]);
    expect([...(batch?.columns[1]?.values ?? [])]).toEqual([Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 2, 3, 4, 5, 678)]);
  });

  it("have the columns of the call, the user's id taken out of the correlation id", async () => {
    const [row] = await all((await openFile(recorded('inputs_list_uid'))).rows());
    expect(row).toEqual({
      a: 1,
      b: 2,
      $aml_dc_correlation_id: 'my,id-00000000-0000-0000-0000-000000000001',
      $aml_dc_user_correlation_id: 'my,id',
      $aml_dc_scoring_timestamp: '2024-03-07T08:09:10.123456',
      $aml_request_id: '00000000-0000-0000-0000-000000000000',
      $aml_dc_boundary: '1440',
      $aml_workspace: 'sub/rg/ws',
      $aml_service_name: 'inputs_list_uid',
      $aml_model_name: 'mdl',
      $aml_model_version: '4',
    });
    const [batch] = await all((await openFile(recorded('inputs_list_uid'))).batches());
    const texts = batch?.columns.map(({ name, values }) => [name, values[0]]);
    expect(Object.fromEntries(texts ?? [])).toMatchObject({
      $aml_dc_user_correlation_id: 'my,id',
      $aml_model_version: '4',
    });
  });

  it('have a bad record where one without the id of its call equals the header', async () => {
    const data = await openFile('\r\na,b\r\n1,x\r\na,b\r\n2,y\n');
    await expect(all(data.rows())).rejects.toMatchObject({
      code: 'CSV_BAD_RECORD',
      message: expect.stringContaining('equals the header (at byte 12)'),
      details: { record: 4, byteOffset: 12 },
    });
    await expect(all(data.batches())).rejects.toMatchObject({ code: 'CSV_BAD_RECORD' });
    const bad: BadRecord[] = [];
    const onBadRecord = (record: BadRecord) => void bad.push(record);
    expect(await featuresOfData(data, { onBadRecord })).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    const [batch] = await all(data.batches({ callColumns: false, onBadRecord }));
    expect(bad.map(({ code, record, byteOffset }) => [code, record, byteOffset])).toEqual([
      ['CSV_BAD_RECORD', 4, 12],
      ['CSV_BAD_RECORD', 4, 12],
    ]);
    expect(await featuresOfData(data, { header: false })).toHaveLength(4);
    const report = await data.verify();
    expect(report.totals.rowsFound).toBe(2);
    expect(report.findings.map(({ code, counts }) => [code, counts])).toContainEqual([
      'HEADER_REPEATED',
      { records: 1 },
    ]);
    expect(batch?.columns.map(({ values }) => [...values])).toEqual([
      [1n, 2n],
      ['x', 'y'],
    ]);
  });

  it('say how many empty lines they have, which are empty lists', async () => {
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    const data = await openFile('s\r\n\r\n""\r\nx\r\n\r\n');
    try {
      expect(await featuresOfData(data)).toEqual([{ s: null }, { s: 'x' }]);
      expect((await all(data.batches())).map(({ rowCount }) => rowCount)).toEqual([2]);
    } finally {
      restore();
    }
    expect(lines.filter((line) => line.includes(`2 empty lines of ${DAY}/inputs.csv hold no row`))).toHaveLength(2);
  });

  it('may have the header of the Python package again where it names the id of the call', async () => {
    const content = recorded('inputs_list_uid').toString();
    const header = content.slice(0, content.indexOf('\n') + 1);
    const rows = await all((await openFile(content + header + content.slice(header.length))).rows());
    expect(rows).toHaveLength(2);
  });

  it('may begin with names that look like values, or with rows that look like names: header says which', async () => {
    const frame = await openFile('0,1\r\n5,6\n');
    expect(await featuresOfData(frame)).toEqual([{ 0: 5, 1: 6 }]);
    const named = await openFile('0,1\r\n5,6\r\n');
    expect(await featuresOfData(named)).toHaveLength(2);
    expect(await featuresOfData(named, { header: true })).toEqual([{ 0: 5, 1: 6 }]);
    const texts = await openFile('Ulm,Graz\r\nBonn,Linz\r\n');
    expect(await featuresOfData(texts)).toEqual([{ Ulm: 'Bonn', Graz: 'Linz' }]);
    expect(await featuresOfData(texts, { header: false })).toHaveLength(2);
  });

  it('keep texts that are values only in JavaScript', async () => {
    const data = await openFile('s\r\ntrue\r\nNaN\r\nInfinity\r\n1e7\r\n1e-7\r\nnull\r\n');
    expect((await featuresOfData(data)).map((row) => Object.values(row)[0])).toEqual([
      'true',
      'NaN',
      'Infinity',
      '1e7',
      1e-7,
      'null',
    ]);
  });
});

async function featuresOfData(data: CollectedData, options: object = {}): Promise<object[]> {
  return (await all(data.rows(options))).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !column.startsWith('$aml_'))),
  );
}
