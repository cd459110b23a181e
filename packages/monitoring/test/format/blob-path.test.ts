import fc from 'fast-check';
import {
  checkSegment,
  checkStream,
  dataFilePath,
  parseDataFilePath,
  segmentFault,
  utcDay,
} from '../../src/format/blob-path.ts';

const stream = {
  workspace: { subscriptionId: 'Sub-1', resourceGroup: 'RG', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '3',
  designation: 'inputs',
};

const segment = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => segmentFault(text) === undefined);

describe('the path of collected rows', () => {
  it('is the documented one, with the case as given and two digits for month and day', () => {
    expect(dataFilePath(stream, '2026-01-02')).toBe('Sub-1/RG/ws/svc/best_model/3/inputs/2026/01/02/data.csv');
  });

  it('carries instance, schema and part in the file name', () => {
    expect(dataFilePath(stream, '2026-01-02', { instance: 'pod_1', schema: '0123abcd', part: 2 })).toMatch(
      /\/02\/data-rpod_1-0123abcd-2\.csv$/,
    );
  });

  it('reads back every path that it can build', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 7, maxLength: 7 }),
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        fc.option(fc.integer({ min: 2, max: 99 }), { nil: undefined }),
        fc.option(fc.constantFrom('0123abcd', 'ffffffff', '12345678'), { nil: undefined }),
        (parts, date, part, schema) => {
          const [subscriptionId = '', resourceGroup = '', workspaceName = ''] = parts;
          const [webserviceName = '', modelName = '', modelVersion = '', designation = ''] = parts.slice(3);
          const identity = {
            workspace: { subscriptionId, resourceGroup, workspaceName },
            webserviceName,
            modelName,
            modelVersion,
            designation,
          };
          const parsed = parseDataFilePath(dataFilePath(identity, utcDay(date), { part, schema }));
          expect(parsed).toMatchObject({ ...identity, day: utcDay(date), part, schema });
        },
      ),
    );
  });

  it('keeps the name of an instance readable', () => {
    const name = dataFilePath(stream, '2026-01-02', { instance: 'my-pod-2/x', part: 3 });
    expect(parseDataFilePath(name)).toMatchObject({ instance: 'my_pod_2_x', part: 3, schema: undefined });
  });

  it.each([{ part: 1 }, { part: 2.5 }, { schema: 'XYZ' }, { instance: '' }])('refuses a name with %j', (name) => {
    expect(() => dataFilePath(stream, '2026-01-02', name)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });

  it('takes months and days without a leading zero', () => {
    expect(parseDataFilePath('s/r/w/svc/m/1/inputs/2026/1/2/data.csv')?.day).toBe('2026-01-02');
  });

  it.each([
    's/r/w/svc/m/1/inputs/2026/01/02/aml_telemetry.csv',
    's/r/w/svc/m/1/inputs/2026/01/02/data-1.csv',
    's/r/w/svc/m/1/inputs/2026/13/02/data.csv',
    's/r/w/svc/m/1/inputs/2026/02/30/data.csv',
    's/r/w/svc/m/1/inputs/2026/01/02/data.csv.tmp',
    's/r/w/svc/m/1/2026/01/02/data.csv',
    's//w/svc/m/1/inputs/2026/01/02/data.csv',
  ])('does not take %s for one', (path) => {
    expect(parseDataFilePath(path)).toBeUndefined();
  });

  it.each(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'ends.', 'x'.repeat(256), 7, undefined])(
    'refuses %j as a folder',
    (value) => {
      expect(() => checkSegment('modelName', value)).toThrow(/modelName must be .*folder of the storage path/s);
    },
  );

  it('checks every part of a stream, and the room for all of them', () => {
    expect(() => checkStream(stream)).not.toThrow();
    expect(() => checkStream({ ...stream, modelVersion: '..' })).toThrow(/modelVersion must be/);
    expect(() => checkStream({ ...stream, workspace: { ...stream.workspace, resourceGroup: 'a/b' } })).toThrow(
      /resourceGroup must be/,
    );
    const long = 'x'.repeat(240);
    const parts = { webserviceName: long, modelName: long, modelVersion: long, designation: long };
    expect(() => checkStream({ ...stream, ...parts })).toThrow(/976 characters together.*leaves room for 960/);
  });
});
