import path from 'node:path';
import { CORRELATION_COLUMNS as CALL } from '@azureml-ts/monitoring/format';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import {
  CollectedData,
  GENERATE_KINDS,
  type GenerateForOptions,
  type GenerateKind,
  generateFor,
} from '../../src/index.ts';
import { stream, temporaryFolder, writeFiles } from '../support/stream.ts';
import { readPythonList, readSql } from './read-literals.ts';

const options: GenerateForOptions = { ...stream, storage: 'https://acct.blob.core.windows.net', deleteAfterDays: 30 };

function settingOf(text: string, name: string): string {
  return new RegExp(`^${name} = (.*)$`, 'mu').exec(text)?.[1] ?? '';
}

const name = fc
  .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^["'{}$#%`*?[\] ,;-]+$/))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: folders have none.
  .filter((text) => text !== '' && !/[/\\:\u0000-\u001f\u007f]|\.$/u.test(text) && text.length < 100);

describe('a generated text', () => {
  it.each(GENERATE_KINDS)('of kind %s holds no secret of the storage', (kind) => {
    for (const storage of [
      'AccountName=acct;AccountKey=c2VjcmV0',
      'https://acct.blob.core.windows.net/?sv=2024&sig=c2VjcmV0',
      'BlobEndpoint=https://acct.blob.core.windows.net;SharedAccessSignature=sv=2024&sig=c2VjcmV0',
    ]) {
      const text = generateFor(kind, { ...options, storage });
      expect(text).not.toContain('c2VjcmV0');
      expect(text).not.toContain('sig=');
      expect(text.endsWith('\n')).toBe(true);
      expect(text).toContain(kind === 'lifecycle' ? 'modeldata/' : 'acct');
    }
  });

  it.each<GenerateKind>(['pyspark', 'databricks', 'pandas'])('of kind %s holds names as they are', (kind) => {
    fc.assert(
      fc.property(name, name, name, name, (workspaceName, modelName, modelVersion, feature) => {
        const text = generateFor(kind, {
          ...options,
          workspace: { ...stream.workspace, workspaceName },
          modelName,
          modelVersion: [modelVersion],
          featureNames: [feature],
        });
        expect(readPythonList(settingOf(text, 'NAMES'))).toEqual(['sub', 'rg', workspaceName, 'svc', modelName]);
        expect(readPythonList(settingOf(text, 'VERSIONS'))).toEqual([modelVersion]);
        expect(readPythonList(settingOf(text, 'FEATURE_NAMES'))).toEqual([feature]);
      }),
    );
  });

  it('of kind duckdb holds names as they are, and no wildcard of theirs', () => {
    fc.assert(
      fc.property(name, (modelName) => {
        const text = generateFor('duckdb', { ...options, modelName, joinWith: false });
        const literal = /glob\(('(?:[^']|'')*')\)/u.exec(text)?.[1] ?? '';
        const path = readSql(literal).replaceAll(/\[([*?[])\]/g, '$1');
        expect(path).toBe(`azure://modeldata/sub/rg/ws/svc/${modelName}/1/inputs/*/*/*/data*.csv`);
      }),
    );
  });

  it('reads all versions by a wildcard, and several by name', () => {
    const all = { ...options, modelVersion: 'all' };
    expect(settingOf(generateFor('pyspark', all), 'VERSIONS')).toBe('None');
    expect(generateFor('duckdb', all)).toContain('/best_model/*/inputs/*/*/*/data*.csv');
    const several = { ...options, modelVersion: ['1', '2'] };
    expect(settingOf(generateFor('pandas', several), 'VERSIONS')).toBe('["1", "2"]');
    expect(generateFor('duckdb', several)).toContain('/best_model/2/inputs/*/*/*/data*.csv');
  });

  it('reads the days that were asked for', () => {
    const days = { ...options, from: '2026-01-31', to: '2026-03-01' };
    expect(generateFor('pyspark', days)).toContain('FROM = "2026-01-31"\nTO = "2026-03-01"\n');
    expect(generateFor('databricks', days)).toContain('dbutils.widgets.text("from", "2026-01-31",');
    expect(generateFor('duckdb', days)).toContain("<= DATE '2026-03-01'");
  });

  it('reads what the Python package wrote, whose workspace is in lower case, but for its telemetry', () => {
    const python = {
      ...options,
      workspace: { ...stream.workspace, workspaceName: 'WS' },
      layout: 'python-v1',
    } as GenerateForOptions;
    const script = generateFor('pyspark', python);
    expect(readPythonList(settingOf(script, 'NAMES'))[2]).toBe('ws');
    expect(settingOf(script, 'FILES')).toBe('"*.csv"');
    expect(generateFor('duckdb', python)).toContain("NOT ends_with(file, '/aml_telemetry.csv')");
  });

  it('joins inputs with predictions, other rows with what is named, and nothing when told so', () => {
    expect(settingOf(generateFor('pandas', options), 'JOIN_WITH')).toBe('"predictions"');
    const labels = { ...options, designation: 'labels' };
    expect(settingOf(generateFor('pandas', labels), 'JOIN_WITH')).toBe('None');
    expect(settingOf(generateFor('pandas', { ...labels, joinWith: 'inputs' }), 'JOIN_WITH')).toBe('"inputs"');
    expect(generateFor('duckdb', { ...options, joinWith: false })).not.toContain('CREATE OR REPLACE VIEW "inputs with');
    expect(generateFor('databricks', { ...options, joinWith: false })).not.toContain('joined = read_joined');
  });

  it('says declared types in the words of each engine', () => {
    const types = { n: 'number', s: 'string', b: 'boolean', d: 'date', i: 'bigint' } as const;
    const python = '{"n": "double", "s": "string", "b": "boolean", "d": "timestamp", "i": "bigint"}';
    expect(generateFor('pyspark', { ...options, types })).toContain(
      `    "inputs": ${python},\n    "predictions": {},\n`,
    );
    expect(generateFor('duckdb', { ...options, types })).toContain(
      "types = {'n': 'DOUBLE', 's': 'VARCHAR', 'b': 'BOOLEAN', 'd': 'TIMESTAMP', 'i': 'BIGINT', '$aml_dc_correlation_id': 'VARCHAR',",
    );
  });

  it('is a notebook whose access comes from the catalog, or from a secret scope, of the cloud of the account', () => {
    const notebook = generateFor('databricks', options);
    expect(notebook.startsWith('# Databricks notebook source\n')).toBe(true);
    expect(notebook.split('\n# COMMAND ----------\n').length).toBeGreaterThan(6);
    expect(notebook).toContain('ROOT = "abfss://modeldata@acct.dfs.core.windows.net"');
    expect(notebook).not.toContain('spark.conf.set(f"fs.azure');
    const storage = 'https://acct.blob.core.usgovcloudapi.net';
    const scoped = generateFor('databricks', { ...options, storage, secretScope: 'my "scope"' });
    expect(scoped).toContain('SCOPE = "my \\"scope\\""');
    expect(scoped).toContain('https://login.microsoftonline.us/{tenant_id}/oauth2/token');
  });

  it.each<[string, GenerateKind, Partial<GenerateForOptions>, RegExp]>([
    ['an unknown kind', 'excel' as GenerateKind, {}, /kind must be one of pyspark, databricks, power-bi/],
    ['the newest version', 'pandas', { modelVersion: 'newest' }, /not known without looking/],
    ['a name with a colon for Spark', 'pyspark', { modelName: 'a:b' }, /colon in its name \("a:b"\)/],
    ['a version with a colon for Spark', 'databricks', { modelVersion: ['1', '2:3'] }, /colon in its name \("2:3"\)/],
    ['an emulator for Spark', 'pyspark', { storage: 'UseDevelopmentStorage=true' }, /Data Lake address/],
    ['a backslash for DuckDB', 'duckdb', { storage: { directory: '/a\\b' } }, /backslash/],
    ['an unknown type', 'pandas', { types: { a: 'int' as 'number' } }, /types\.a must be one of/],
    [
      'an unknown type of the other side',
      'pandas',
      { joinTypes: { a: 'int' as 'number' } },
      /joinTypes\.a must be one of/,
    ],
    ['the type of a column of the call', 'pandas', { types: { $aml_request_id: 'string' } }, /types\.\$aml_request_id/],
    ['no names', 'pandas', { featureNames: [''] }, /featureNames must be an array of names/],
    ['no designation', 'pandas', { joinWith: '' }, /joinWith must be a designation, or false/],
    ['an unknown layout', 'pandas', { layout: 'v2' as 'auto' }, /layout must be/],
  ])('refuses %s', (_, kind, more, message) => {
    expect(() => generateFor(kind, { ...options, ...more })).toThrow(
      expect.objectContaining({ code: 'VALIDATION', message: expect.stringMatching(message) }) as Error,
    );
  });
});

describe('the SQL for DuckDB', () => {
  it.each(['a*b', 'a?b', '?', '*', '**', 'a[b]c', 'a[b', '[', '[]', ']', 'x[!a]', "q'q"])(
    'reads the rows of the model %j and of no other',
    async (modelName) => {
      const directory = await temporaryFolder();
      const ids = CALL.map((column) => `,${column}`).join('');
      const file = (model: string) => `sub/rg/ws/svc/${model}/1/inputs/2026/03/01/data.csv`;
      const content = (x: string) => `x${ids}\n${x},id,,2026-03-01T00:00:00Z,\n`;
      await writeFiles(directory, {
        ...Object.fromEntries(['aXb', 'abc', 'ab', 'b', 'xb'].map((other) => [file(other), content('other')])),
        [file(modelName)]: content('own'),
      });
      const sql = generateFor('duckdb', { ...stream, modelName, storage: { directory }, joinWith: false });
      const database = await DuckDBInstance.create(':memory:');
      const connection = await database.connect();
      try {
        const rows = (await connection.runAndReadAll(`${sql}\n`)).getRowObjects();
        expect(rows.map(({ x, filename }) => [x, filename])).toEqual([
          ['own', path.join(directory, 'modeldata', file(modelName))],
        ]);
      } finally {
        connection.closeSync();
        database.closeSync();
      }
    },
  );
});

describe('generate of an opened stream', () => {
  it('is the same text as without opening it', async () => {
    const storage = { directory: await temporaryFolder() };
    const data = await CollectedData.open({ ...stream, storage, to: '2026-03-01' });
    const types = { zip: 'string' } as const;
    await expect(data.generate('pyspark', { types })).resolves.toBe(
      generateFor('pyspark', { ...stream, storage, to: '2026-03-01', types }),
    );
    await expect(data.generate('excel' as GenerateKind)).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('finds out which version is the newest', async () => {
    const directory = await temporaryFolder();
    const file = (version: string) => `sub/rg/ws/svc/best_model/${version}/inputs/2026/03/01/data.csv`;
    await writeFiles(directory, { [file('9')]: 'x\n', [file('10')]: 'x\n' });
    const data = await CollectedData.open({
      ...stream,
      storage: { directory },
      modelVersion: 'newest',
      from: '2027-01-01',
    });
    expect(settingOf(await data.generate('pandas'), 'VERSIONS')).toBe('["10"]');
  });
});
