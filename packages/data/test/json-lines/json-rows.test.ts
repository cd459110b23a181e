import { setLogSink } from '@azureml-ts/common';
import fc from 'fast-check';
import type { BadRecord, RowsOptions, SchemaChange } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, temporaryFolder } from '../support/stream.ts';

const FILE = `${FOLDER}/2026/03/04/05/0f3c.jsonl`;

async function fileOf(content: string | Uint8Array, name = FILE): Promise<string> {
  const directory = await temporaryFolder();
  await writeLines(directory, { [name]: content });
  return directory;
}

async function rowsOf(content: string | Uint8Array, options: RowsOptions = {}): Promise<Record<string, unknown>[]> {
  return all((await openLines(await fileOf(content))).rows(options));
}

/** The features of rows. */
async function featuresOf(content: string | Uint8Array, options: RowsOptions = {}) {
  const rows = await rowsOf(content, options);
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$aml_'))));
}

/** A whole number that is not safe is read as its digits. */
function asRead(value: unknown): unknown {
  const isUnsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isUnsafe && /^-?\d+$/.test(String(value)) ? String(value) : Object.is(value, -0) ? 0 : value;
}

describe('rows of JSON Lines', () => {
  it('are those of the records, with the columns of the call that the records have', async () => {
    const line = record(
      '[{"age":41,"income":5.0,"city":"Ulm \\/ Neu-Ulm","member":true,"note":null},{"age":37,"income":0.3333333333,"city":"Graz","member":false,"note":"x"}]',
    );
    const call = {
      $aml_dc_correlation_id: '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001',
      $aml_dc_user_correlation_id: '',
      $aml_dc_scoring_timestamp: '2026-03-04T05:06:07Z',
      $aml_request_id: '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001',
    };
    expect(await rowsOf(`${line}\n`)).toEqual([
      { age: 41, income: 5, city: 'Ulm / Neu-Ulm', member: true, note: null, ...call },
      { age: 37, income: 1 / 3 - 1 / 3 + 0.3333333333, city: 'Graz', member: false, note: 'x', ...call },
    ]);
  });

  it('are found whatever the order of the fields, and when only the rows and the id are there', async () => {
    const lines = [
      '{"correlationid":"a","data":[{"x":1}]}',
      '{"agent":"z","data":[{"x":2}],"contentrange":"bytes 0-8/9","correlationid":"b","time":"2026-03-04T05:06:07Z"}',
      '{ "data" : [ { "x" : 3 } ] }',
    ];
    const rows = await rowsOf(`${lines.join('\n')}\n`);
    expect(rows.map((row) => [row['x'], row['$aml_dc_correlation_id'], row['$aml_dc_scoring_timestamp']])).toEqual([
      [1, 'a', ''],
      [2, 'b', '2026-03-04T05:06:07Z'],
      [3, '', ''],
    ]);
  });

  it('keep texts texts, whatever they look like', async () => {
    expect(await featuresOf('{"data":[{"zip":"00123","n":"5","b":"true","e":"","u":"null"}]}\n')).toEqual([
      { zip: '00123', n: '5', b: 'true', e: '', u: 'null' },
    ]);
  });

  it('keep whole numbers that no double holds, as texts or as bigints', async () => {
    const content = '{"data":[{"id":9007199254740993},{"id":-18446744073709551615}]}\n';
    expect(await featuresOf(content)).toEqual([{ id: '9007199254740993' }, { id: '-18446744073709551615' }]);
    expect(await featuresOf(content, { types: { id: 'bigint' } })).toEqual([
      { id: 9007199254740993n },
      { id: -18446744073709551615n },
    ]);
  });

  it('have the types that are declared, times also as the milliseconds that the Python collector writes', async () => {
    const content =
      '{"data":[{"t":1704164645006,"n":"5","s":5.0,"m":null},{"t":"2024-01-02T03:04:05Z","n":6,"s":null,"m":true}]}\n';
    expect(await featuresOf(content, { types: { t: 'date', n: 'number', s: 'string', m: 'boolean' } })).toEqual([
      { t: new Date(1704164645006), n: 5, s: '5.0', m: null },
      { t: new Date('2024-01-02T03:04:05Z'), n: 6, s: null, m: true },
    ]);
    expect(await featuresOf(content, { types: 'strings' })).toEqual([
      { t: '1704164645006', n: '5', s: '5.0', m: null },
      { t: '2024-01-02T03:04:05Z', n: '6', s: null, m: 'true' },
    ]);
  });

  it('read the words of Python and Spark for numbers that JSON has not', async () => {
    expect(await featuresOf('{"data":[{"a":NaN,"b":Infinity,"c":-Infinity,"d":-0.0}]}\n')).toEqual([
      { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: -0 },
    ]);
  });

  it('have a column without a name, where a record has one', async () => {
    const lines = [record('[{"":1,"x":2},{"x":3,"":4}]'), record('[{"":5}]')];
    expect(await featuresOf(`${lines.join('\n')}\n`)).toEqual([
      { '': 1, x: 2 },
      { '': 4, x: 3 },
      { '': 5, x: null },
    ]);
    expect(await featuresOf('{"":1,"data":[{"x":2}]}\n')).toEqual([{ x: 2 }]);
  });

  it('give nested values as their text', async () => {
    expect(await featuresOf('{"data":[{"l":[1, 2.0,"ü\\/"],"o":{"k":{"n":null}},"e":[],"p":{}}]}\n')).toEqual([
      { l: '[1, 2.0,"ü\\/"]', o: '{"k":{"n":null}}', e: '[]', p: '{}' },
    ]);
  });

  it('are read through blank lines, a byte order mark, CRLF, odd line ends within texts and white space', async () => {
    const content = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(
        '{"data":[{"x":"a\u2028b"}]}\r\n\r\n  \n\t{"data": [ {"x":"\\ud83d\\ude00\\n\u0085"} , {} ] } \r\n{"data":[]}\n',
      ),
    ]);
    expect(await featuresOf(content)).toEqual([{ x: 'a\u2028b' }, { x: '😀\n\u0085' }, { x: null }]);
  });

  it('have the columns of all records so far, which become more', async () => {
    const lines = ['{"data":[{"a":1},{"a":2,"b":3}]}', '{"data":[{"a":4}]}', '{"data":[{"c":5,"a":6}]}'];
    const changes: SchemaChange[] = [];
    expect(
      await featuresOf(`${lines.join('\n')}\n`, { onSchemaChange: (change) => void changes.push(change) }),
    ).toEqual([
      { a: 1, b: null },
      { a: 2, b: 3 },
      { a: 4, b: null },
      { a: 6, b: null, c: 5 },
    ]);
    expect(changes).toEqual([{ path: FILE, added: ['c'], removed: [] }]);
    expect((await featuresOf(`${lines.join('\n')}\n`, { onSchemaChange: 'merge' }))[0]).toEqual({
      a: 1,
      b: null,
      c: null,
    });
    await expect(featuresOf(`${lines.join('\n')}\n`, { onSchemaChange: 'error' })).rejects.toMatchObject({
      code: 'SCHEMA_CHANGED',
    });
  });

  it('take what a record says of the call, and a row of its own only where the record has nothing', async () => {
    const own = '"$aml_dc_correlation_id":"own","$aml_dc_scoring_timestamp":"then"';
    const rows = await rowsOf(`{"correlationid":"c","data":[{"x":1,${own}}]}\n`);
    expect(rows).toEqual([
      {
        x: 1,
        $aml_dc_correlation_id: 'c',
        $aml_dc_user_correlation_id: '',
        $aml_dc_scoring_timestamp: 'then',
        $aml_request_id: '',
      },
    ]);
  });

  it('stop at the limit, and have only the columns that were asked for', async () => {
    const content = `${record('[{"x":1,"y":2},{"x":3,"y":4}]')}\n`.repeat(3);
    expect(await featuresOf(content, { limit: 3, columns: ['y', 'x'] })).toEqual([
      { y: 2, x: 1 },
      { y: 4, x: 3 },
      { y: 2, x: 1 },
    ]);
    await expect(rowsOf(content, { columns: ['z'] })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
  });

  it('of a line of several megabytes come in portions', async () => {
    const data = JSON.stringify(
      Array.from({ length: 50_000 }, (_, index) => ({ n: index, text: `row ${index} of many, ${'x'.repeat(50)}` })),
    );
    expect(data.length).toBeGreaterThan(4_000_000);
    const rows = await featuresOf(`${record('[{"n":-1}]')}\n${record(data)}\n${record('[{"n":-2}]')}\n`);
    expect(rows).toHaveLength(50_002);
    expect([rows[0], rows[50_000]?.['n'], rows[50_001]]).toEqual([{ n: -1 }, 49_999, { n: -2, text: null }]);
  });

  it('are equal to what was written, whatever it is', async () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary' }),
      fc.string(),
    );
    const name = fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !text.startsWith('$aml'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.dictionary(name, value), { maxLength: 5 }), { maxLength: 8 }),
        async (records) => {
          const lines = records.map((data) => record(JSON.stringify(data).replaceAll('/', '\\/')));
          const read = await rowsOf(lines.map((line) => `${line}\n`).join(''), { onSchemaChange: 'merge' });
          const names = [...new Set(records.flat().flatMap((row) => Object.keys(row)))];
          const expected = records
            .flat()
            .map((row) => names.map((key) => (Object.hasOwn(row, key) ? asRead(row[key]) : null)));
          expect(read.map((row) => names.map((key) => row[key]))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('records that are none', () => {
  const GOOD = '{"data":[{"x":1}]}';

  it.each<[string, string]>([
    ['{"data":{"x":1}}', 'data that is an object, where a list of rows should be'],
    ['{"data":"text"}', 'data that is a text, where a list'],
    ['{"data":null}', 'neither data nor dataref'],
    ['{"time":"x"}', 'neither data nor dataref'],
    ['{"data":[{"x":1},7]}', 'row 2 of data that is a number'],
    ['{"data":[[1]]}', 'row 1 of data that is a list'],
    ['[{"x":1}]', 'no object'],
    ['{"data":[{"x":1}]', 'an end where "}" should be'],
    ['{"data":[{"x":1}]}}', 'something behind the object'],
    ['{"data":[{"x":01}]}', 'a number that is written'],
    ['{"data":[{"x":1.}]}', 'a number that is written'],
    ['{"data":[{"x":"\\q"}]}', 'a backslash'],
    ['{"data":[{"x":"\\u12g4"}]}', 'a backslash'],
    ['{"data":[{"x":"a\tb"}]}', 'a control character'],
    ['{"data":[{"x":tru}]}', '"t" where a value should be'],
    ['{"data":[{"x":1,}]}', '"}" where a name should be'],
    ['{"data":[{x:1}]}', '"x" where a name should be'],
    [`{"data":[{"x":${'['.repeat(600)}${']'.repeat(600)}}]}`, 'more than 512 values'],
  ])('%s is told with its place', async (line, what) => {
    const content = `${GOOD}\n${line}\n${GOOD}\n`;
    await expect(rowsOf(content)).rejects.toMatchObject({
      code: 'JSON_BAD_RECORD',
      message: expect.stringContaining(what),
      details: { path: FILE, record: 2, byteOffset: 19 },
    });
    const bad: BadRecord[] = [];
    expect(await featuresOf(content, { onBadRecord: (one) => void bad.push(one) })).toEqual([{ x: 1 }, { x: 1 }]);
    expect(bad).toEqual([
      { code: 'JSON_BAD_RECORD', message: expect.stringContaining(what), path: FILE, record: 2, byteOffset: 19 },
    ]);
  });

  it('come after the rows before them', async () => {
    const rows: unknown[] = [];
    const data = await openLines(await fileOf(`${GOOD}\n${GOOD}\nnothing\n`));
    await expect(async () => {
      for await (const { x } of data.rows<{ x: number }>()) {
        rows.push(x);
      }
    }).rejects.toMatchObject({ code: 'JSON_BAD_RECORD' });
    expect(rows).toEqual([1, 1]);
  });

  it('are counted in one line of the log when they are skipped', async () => {
    const lines: string[] = [];
    setLogSink((line) => void lines.push(line));
    try {
      expect(await featuresOf(`no\n${GOOD}\nno\n`, { onBadRecord: 'skip' })).toEqual([{ x: 1 }]);
    } finally {
      setLogSink(undefined);
    }
    expect(lines).toEqual([expect.stringContaining(`2 bad records of ${FILE} were left out.`)]);
  });

  it('a cell of another type than its column was declared to have is one too', async () => {
    const content = `${GOOD}\n{"data":[{"x":"one"},{"x":2}]}\n`;
    await expect(rowsOf(content, { types: { x: 'number' } })).rejects.toMatchObject({
      code: 'CELL_NOT_NUMBER',
      details: { path: FILE, record: 2, byteOffset: 19, column: 'x' },
    });
    expect(await featuresOf(content, { types: { x: 'number' }, onBadRecord: 'skip' })).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('at the end of a file whose day is over are torn, and whole ones are rows', async () => {
    expect(await featuresOf(`${GOOD}\n{"data":[{"x":2}]}`)).toEqual([{ x: 1 }, { x: 2 }]);
    await expect(rowsOf(`${GOOD}\n{"data":[{"x":2}`)).rejects.toMatchObject({
      code: 'JSON_BAD_RECORD',
      message: expect.stringContaining('ends within a record: line 2'),
    });
  });

  it('at the end of a file of today are left for the next time, and never misread', async () => {
    const [day = '', time = ''] = new Date(Date.now() + 86_400_000).toISOString().split('T');
    const name = `${FOLDER}/${day.replaceAll('-', '/')}/${time.slice(0, 2)}/a.jsonl`;
    const whole = `${GOOD}\n{"data":[{"x":23}]}`;
    for (let length = GOOD.length + 1; length < whole.length; length += 1) {
      const rows = await all((await openLines(await fileOf(whole.slice(0, length), name))).rows());
      expect(rows.map((row) => row['x'])).toEqual([1]);
    }
  });
});
