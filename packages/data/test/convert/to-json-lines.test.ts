import { appendFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runWithRequest } from '@azureml-ts/common';
import { Collector } from '@azureml-ts/monitoring';
import { CollectedData, type ConvertOptions } from '../../src/index.ts';
import { all, call, clockAt, collector, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const { workspace } = stream;
const DAY = `${ROOT}/2026/03/04`;
const FOLDER = 'modelDataCollector/svc/best_model/inputs';
const PYTHON_COLUMNS =
  '$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id';

interface Line {
  readonly data?: readonly object[];
  readonly dataref?: string;
  readonly correlationid?: string;
}

/** Converts files of a container, and gives the lines of each new file by its hour and number. */
async function converted(files: Record<string, string>, options: Partial<ConvertOptions> = {}) {
  const [directory, target] = [await temporaryFolder(), await temporaryFolder()];
  await writeFiles(directory, files);
  const source = await CollectedData.open({ ...stream, storage: { directory } });
  const { manifest } = await source.convert({ to: 'json-lines', target, ...options });
  const texts = new Map<string, string>();
  for (const file of manifest.files) {
    const [, day, hour, part] = /(\d\d)\/(\d\d)\/[0-9a-f]{32}(\d{6})\.jsonl$/.exec(file.path) ?? [];
    texts.set(
      part === undefined ? file.path : `${day}/${hour}/${Number(part)}`,
      await readFile(path.join(target, file.path), 'utf8'),
    );
  }
  const records = new Map(
    [...texts].map(([name, text]) => [
      name,
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    ]),
  );
  const opened = await openConverted(target);
  return { source, target, manifest, texts, records, opened, rows: await all(opened.rows()) };
}

function openConverted(directory: string): Promise<CollectedData> {
  return CollectedData.open({ layout: 'json-lines', storage: { directory }, path: FOLDER });
}

describe('converting to JSON Lines', () => {
  it('writes the records that the Collector writes, but for their ids, times and callers', async () => {
    const [directory, target] = [await temporaryFolder(), await temporaryFolder()];
    const clock = clockAt('2026-03-04T05:06:07.890Z');
    const rows = [
      { age: 59, 'na/me,': 'é "x"', member: true },
      { age: 31, 'na/me,': 'b', member: false },
    ];
    const inputs = collector({ storage: { directory }, designation: 'inputs', clock });
    const receipt = inputs.collect(rows);
    await inputs.close();
    const own = new Collector({
      name: 'inputs',
      modelVersion: '1',
      workspace,
      clock,
      sink: { directory: target, endpointName: 'svc', deploymentName: 'own' },
    });
    own.collect(rows);
    await own.close();
    const source = await CollectedData.open({ ...stream, storage: { directory } });
    const { manifest } = await source.convert({ to: 'json-lines', target, stream: { modelName: 'converted' } });
    const [file] = manifest.files;
    const found = await all(
      (
        await CollectedData.open({
          layout: 'json-lines',
          storage: { directory: target },
          path: 'modelDataCollector/svc/own/inputs',
        })
      ).files(),
    );
    const ours = await readFile(path.join(target, found[0]?.path ?? ''), 'utf8');
    const theirs = await readFile(path.join(target, file?.path ?? ''), 'utf8');
    const line = (text: string) => JSON.parse(text.replaceAll('/own"', '/converted"')) as Record<string, unknown>;
    const id = receipt.correlations.correlationId;
    // The same fields in the same order, and the same bytes of data.
    expect(Object.keys(line(theirs))).toEqual(Object.keys(line(ours)).filter((name) => name !== 'xrequestid'));
    expect(theirs.slice(theirs.indexOf('"data"'), theirs.indexOf('"correlationid"'))).toBe(
      ours.slice(ours.indexOf('"data"'), ours.indexOf('"correlationid"')),
    );
    const { xrequestid: _, ...expected } = line(ours);
    expect(line(theirs)).toEqual({
      ...expected,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      time: '2026-03-04T05:06:07.890Z',
      correlationid: id,
    });
    expect(file?.path).toMatch(
      /^modelDataCollector\/svc\/converted\/inputs\/2026\/03\/04\/05\/[0-9a-f]{32}000001\.jsonl$/,
    );
  });

  it('takes cells for what reading takes them for, and keeps numbers as they are written', async () => {
    const cells = ['5', '5.0', '-0.0', '1e+21', '00123', '1.50', '', '""', '"5"', 'true', 'True', 'NaN', '-Infinity'];
    const more = ['9007199254740993', '"a ""b"""', 'é', 'null', '[1]'];
    const text = [...cells, ...more].map((cell) => `${cell},${call('a')}\n`).join('');
    const { texts, manifest } = await converted({ [`${DAY}/data.csv`]: HEADER + text });
    const data = /"data":\[(.*)\],"contentrange"/.exec(texts.get('04/00/1') ?? '')?.[1];
    expect(data?.split('},{').map((row) => row.replace(/^\{?"x":|\}$/g, ''))).toEqual([
      '5',
      '5.0',
      '-0.0',
      '1e+21',
      '"00123"',
      '"1.50"',
      'null',
      'null',
      '5',
      'true',
      '"True"',
      'null',
      'null',
      '"9007199254740993"',
      '"a \\"b\\""',
      '"\\u00e9"',
      '"null"',
      '"[1]"',
    ]);
    expect(manifest.losses).toEqual([{ column: 'x', emptyTexts: 0, otherValues: 2, brokenTexts: 0 }]);
  });

  it('takes cells for what they are declared to be', async () => {
    const csv = `zip,n,on,big,word,${HEADER.slice(2)}00123,+1.50,2026-01-02,9007199254740993,true,${call('a')}\n`;
    const types = { zip: 'string', n: 'number', on: 'date', big: 'bigint' } as const;
    const { texts, manifest } = await converted({ [`${DAY}/data.csv`]: csv }, { types });
    expect(texts.get('04/00/1')).toContain(
      '[{"zip":"00123","n":1.5,"on":1767312000000,"big":9007199254740993,"word":true}]',
    );
    expect(manifest.types).toEqual(types);
    const strings = await converted({ [`${DAY}/data.csv`]: csv }, { types: 'strings' });
    expect(strings.texts.get('04/00/1')).toContain('"n":"+1.50","on":"2026-01-02"');
    await expect(converted({ [`${DAY}/data.csv`]: csv }, { types: { on: 'number' } })).rejects.toMatchObject({
      code: 'CELL_NOT_NUMBER',
    });
    await expect(converted({ [`${DAY}/data.csv`]: csv }, { types: { zap: 'string' } })).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
    });
  });

  it('makes one record of the rows of a call, and one of each row without an id', async () => {
    const csv = [
      HEADER.trim(),
      '1,a,,2026-03-04T05:00:00.000Z,r',
      '2,a,,2026-03-04T05:00:00.000Z,r',
      '3,a,,2026-03-04T05:00:00.000Z,other',
      '4,b,me,2026-03-04T05:00:00.000Z,',
      '5,b,me,2026-03-04T05:00:00.000Z,',
      '6,c,me,2026-03-04T05:00:00.000Z,',
      '7,c,you,2026-03-04T05:00:00.000Z,',
      '8,,,,',
      '9,,,,',
    ].join('\n');
    const { records, rows, source } = await converted({ [`${DAY}/data.csv`]: `${csv}\n` });
    const short = records
      .get('04/05/1')
      ?.map((record) =>
        Object.fromEntries(
          Object.entries(record).filter(([name]) =>
            /^(data|correlationid|xrequestid|usercorrelationid|time)$/.test(name),
          ),
        ),
      );
    const time = '2026-03-04T05:00:00.000Z';
    expect(short).toEqual([
      { time, data: [{ x: 1 }, { x: 2 }], correlationid: 'a', xrequestid: 'r' },
      { time, data: [{ x: 3 }], correlationid: 'a', xrequestid: 'other' },
      { time, data: [{ x: 4 }, { x: 5 }], correlationid: 'b', usercorrelationid: 'me' },
      { time, data: [{ x: 6 }, { x: 7 }], correlationid: 'c', usercorrelationid: ['me', 'you'] },
      { data: [{ x: 8 }] },
      { data: [{ x: 9 }] },
    ]);
    expect(rows).toEqual(await all(source.rows()));
  });

  it('puts rows into the folders of their hours, each file in its order', async () => {
    const at = (x: number, hour: string) => `${x},c${x},,2026-03-04T${hour}:59:59.999Z,\n`;
    const { records, rows } = await converted({
      [`${DAY}/data.csv`]: `${HEADER + at(1, '05') + at(2, '07') + at(3, '06')}4,,,2026-03-05T00:00:00.001Z,\n${at(5, '08')}`,
      [`${DAY}/data-2.csv`]: `${HEADER}6,,,,\n${at(7, '05')}`,
      [`${ROOT}/2026/03/05/data.csv`]: `${HEADER}8,,,nothing,\n`,
    });
    const xs = new Map([...records].map(([name, lines]) => [name, lines.flatMap(({ data = [] }) => data)]));
    const of = (...numbers: readonly number[]) => numbers.map((x) => ({ x }));
    expect(xs).toEqual(
      new Map([
        ['04/05/1', of(1)],
        // A row that came late, and one whose time is of another day, stay behind those before them.
        ['04/07/1', of(2, 3, 4)],
        ['04/08/1', of(5)],
        ['04/00/2', of(6)],
        ['04/05/2', of(7)],
        ['05/00/1', of(8)],
      ]),
    );
    expect(rows.map(({ x }) => x)).toEqual([6, 1, 7, 2, 3, 4, 5, 8]);
  });

  it('keeps the hours and the callers of the Python package', async () => {
    const A = '3f2c0a4e-0000-4000-8000-00000000000a';
    const zero = '00000000-0000-0000-0000-000000000000';
    const csv = `x,on,${PYTHON_COLUMNS}\r\n1e-07,True,user-7-${A},2026-03-04T08:09:10.123456,60,sub/rg/ws,svc,best_model,1,${zero}\n`;
    const { texts, records, manifest } = await converted({ [`${DAY}/09/inputs.csv`]: csv });
    expect(texts.get('04/09/1')).toContain('"data":[{"x":1e-07,"on":true}]');
    expect(records.get('04/09/1')).toMatchObject([
      {
        time: '2026-03-04T08:09:10.123456',
        correlationid: `user-7-${A}`,
        usercorrelationid: 'user-7',
        xrequestid: zero,
        modelversion: '1',
      },
    ]);
    expect(manifest.droppedColumns).toContain('$aml_dc_boundary');
    expect(manifest.layout).toEqual({ from: ['python-v1'], to: 'json-lines' });
  });

  it('puts rows of several versions into one collection, whose records name them', async () => {
    const [directory, target] = [await temporaryFolder(), await temporaryFolder()];
    await writeFiles(directory, {
      [`${DAY}/data.csv`]: `${HEADER}1,${call('a')}\n`,
      [`${DAY.replace('/1/', '/2/')}/data.csv`]: `${HEADER}2,${call('b')}\n`,
    });
    const source = await CollectedData.open({ ...stream, modelVersion: 'all', storage: { directory } });
    await expect(source.convert({ to: 'documented', target })).rejects.toMatchObject({ code: 'VALIDATION' });
    const { manifest } = await source.convert({ to: 'json-lines', target });
    expect(manifest.stream.modelVersion).toBe('1,2');
    const texts = await Promise.all(manifest.files.map((file) => readFile(path.join(target, file.path), 'utf8')));
    expect(texts.map((text) => (JSON.parse(text) as { modelversion: string }).modelversion)).toEqual(['1', '2']);
    expect((await all((await openConverted(target)).rows())).map(({ x }) => x)).toEqual([1, 2]);
    const other = await temporaryFolder();
    const { manifest: named } = await source.convert({
      to: 'json-lines',
      target: other,
      stream: { modelVersion: '9' },
    });
    const text = await readFile(path.join(other, named.files[1]?.path ?? ''), 'utf8');
    expect(text).toContain('"modelversion":"9"');
  });

  it('joins inputs and predictions as before', async () => {
    const [directory, target] = [await temporaryFolder(), await temporaryFolder()];
    const storage = { directory };
    const clock = clockAt('2026-03-04T23:59:59.999Z');
    const inputs = collector({ storage, designation: 'inputs', clock });
    const predictions = collector({ storage, designation: 'predictions', clock });
    for (const [index, rows] of [[{ a: 1 }, { a: 2 }], [{ a: 3 }], [{ a: 4 }]].entries()) {
      runWithRequest({ requestId: `r${index}`, startedAt: new Date() }, () => {
        inputs.collect(rows, { correlationId: `u${index}` });
        if (index !== 1) {
          predictions.collect(rows.map(({ a }) => ({ risk: a / 8 })));
        }
      });
    }
    await Promise.all([inputs.close(), predictions.close()]);
    const sides = await Promise.all(
      ['inputs', 'predictions'].map((designation) => CollectedData.open({ ...stream, designation, storage })),
    );
    const converted = await Promise.all(
      sides.map(async (side) => {
        const { folder } = (await side.convert({ to: 'json-lines', target })).manifest;
        return CollectedData.open({ layout: 'json-lines', storage: { directory: target }, path: folder });
      }),
    );
    const joined = async ([left, right]: CollectedData[], how: 'inner' | 'outer') =>
      (await all((left as CollectedData).join(right as CollectedData, { how, orderBy: 'time' }))).map((row) => ({
        ...row,
        modelVersion: undefined,
      }));
    for (const how of ['inner', 'outer'] as const) {
      const before = await joined(sides, how);
      expect(before).toHaveLength(how === 'inner' ? 3 : 4);
      expect(await joined(converted, how)).toEqual(before);
    }
  });

  it('keeps the order of columns that look like numbers', async () => {
    const { texts } = await converted({ [`${DAY}/data.csv`]: `b,2,1,${HEADER.slice(2)}3,4,5,${call('a')}\n` });
    expect(texts.get('04/00/1')).toContain('{"b":3,"2":4,"1":5}');
  });

  it('puts the rows of a large call into a file of its own, which is read in its place and listed nowhere', async () => {
    const wide = 'w'.repeat(1_048_576);
    const csv = `${HEADER}1,${call('a')}\n${Array.from({ length: 5 }, () => `${wide},${call('b')}\n`).join('')}2,${call('c')}\n`;
    const { manifest, target, opened, rows } = await converted({ [`${DAY}/data.csv`]: csv });
    const [large, lines] = manifest.files;
    expect(large?.path).toMatch(new RegExp(`^${FOLDER}/2026/03/04/00/[0-9a-f-]{36}\\.json$`));
    expect([large?.rows, lines?.rows, manifest.rows]).toEqual([5, 2, 7]);
    const text = await readFile(path.join(target, lines?.path ?? ''), 'utf8');
    expect(text.split('\n').map((line) => (line === '' ? '' : typeof (JSON.parse(line) as Line).dataref))).toEqual([
      'undefined',
      'string',
      'undefined',
      '',
    ]);
    expect((await all(opened.files())).map((file) => file.path)).toEqual([lines?.path]);
    expect(rows.map(({ x }) => String(x).length)).toEqual([1, ...Array.from({ length: 5 }, () => wide.length), 1]);
    // The way back tells of the blob, as a source.
    const back = await temporaryFolder();
    const { manifest: again } = await opened.convert({ to: 'documented', target: back, stream: { ...stream } });
    expect(again.sources).toMatchObject([
      {
        path: lines?.path,
        sha256: lines?.sha256,
        rows: 7,
        references: [{ path: large?.path, bytes: large?.bytes, sha256: large?.sha256 }],
      },
    ]);
    const documented = await CollectedData.open({ ...again.stream, storage: { directory: back } });
    expect((await all(documented.rows())).map(({ x }) => String(x).length)).toEqual(
      rows.map(({ x }) => String(x).length),
    );
  }, 60_000);

  it('writes the same bytes whenever it is asked', async () => {
    const files = { [`${DAY}/data.csv`]: `${HEADER}1,${call('a')}\n2,${call('b')}\n` };
    const [first, second] = [await converted(files), await converted(files)];
    expect(second.manifest.files).toEqual(first.manifest.files);
    expect(second.manifest.sources.map(({ sha256 }) => sha256)).toEqual(
      first.manifest.sources.map(({ sha256 }) => sha256),
    );
  });

  it('refuses JSON Lines themselves, and a target that holds some', async () => {
    const files = { [`${DAY}/data.csv`]: `${HEADER}1,${call('a')}\n` };
    const { source, opened, target } = await converted(files);
    await expect(source.convert({ to: 'json-lines', target })).rejects.toMatchObject({
      code: 'CONVERSION_TARGET_EXISTS',
    });
    await expect(
      opened.convert({ to: 'json-lines', target: await temporaryFolder(), stream: { ...stream } }),
    ).rejects.toMatchObject({ code: 'VALIDATION', message: expect.stringContaining('another layout') });
    await expect(source.convert({ to: 'parquet' as 'documented', target })).rejects.toThrow(
      "'documented' or 'json-lines'",
    );
  });

  it('finds a record that was put into the target, and leaves no manifest', async () => {
    const [directory, target] = [await temporaryFolder(), await temporaryFolder()];
    await writeFiles(directory, { [`${DAY}/data.csv`]: `${HEADER}1,${call('a')}\n` });
    const source = await CollectedData.open({ ...stream, storage: { directory } });
    const files = () =>
      readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) => /\.jsonl?$/.test(name));
    const converting = source.convert({
      to: 'json-lines',
      target,
      onProgress: () => {
        const [file = ''] = files();
        appendFileSync(path.join(target, file), '{"data":[{"x":2}]}\n');
      },
    });
    await expect(converting).rejects.toMatchObject({
      code: 'CONVERSION_DIFFERS',
      message: expect.stringContaining('1 rows were written, and 2 read back. The first difference is row 2'),
    });
    expect(files()).toHaveLength(1);
  });

  it('refuses a call that no record can hold', async () => {
    const wide = 'w'.repeat(1_048_576);
    const csv = HEADER + Array.from({ length: 64 }, () => `${wide},${call('a')}\n`).join('');
    await expect(converted({ [`${DAY}/data.csv`]: csv })).rejects.toMatchObject({
      code: 'CONVERSION_RECORD_TOO_LARGE',
      message: expect.stringContaining('The rows of the call "a" in'),
    });
  });

  it('writes beside the rows in the same folder', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${DAY}/data.csv`]: `${HEADER}1,${call('a')}\n` });
    const source = await CollectedData.open({ ...stream, storage: { directory } });
    const { manifest } = await source.convert({ to: 'json-lines', target: directory });
    expect(manifest.folder).toBe(FOLDER);
    expect(await all((await openConverted(directory)).rows())).toEqual(await all(source.rows()));
  });
});
