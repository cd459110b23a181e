import { ValidationError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import { ENGINE_TYPES } from './engine-types.ts';
import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { sqlName, sqlText } from './literals.ts';

const [CALL_ID = ''] = CORRELATION_COLUMNS;

/** SQL for DuckDB: a view of each stream, and one of their join. */
export function duckdbSql(source: GenerateSource, options: GenerateOptions): string {
  const { place, designation, joinWith } = source;
  const { types = {}, joinTypes = {} } = options;
  const hasJoin = joinWith !== undefined && joinWith !== designation;
  return `-- Reads collected rows with DuckDB 1.5 or newer. Written by azureml-ts; it is yours: change what you like.
-- The files are looked up when this runs: run it again to see new ones. Times are UTC.
-- A feature whose type is not declared gets the one that DuckDB finds: a name such as 00123 would become a number, so
-- declare it ('VARCHAR') in types.
${access(source)}
${view(source, options, designation, types)}
${hasJoin ? `\n${join(source, options, joinWith, joinTypes)}` : ''}
FROM ${sqlName(designation)} LIMIT 20;
${place.kind === 'account' ? '' : AZURE_HINT}`;
}

function access({ place }: GenerateSource): string {
  return place.kind === 'directory'
    ? ''
    : `
-- The extension comes from DuckDB's own site the first time. The identity that is signed in (az login, a managed
-- identity, ...) needs the role "Storage Blob Data Reader" on the container; no key belongs into this file.
INSTALL azure;
LOAD azure;
CREATE OR REPLACE SECRET collected_rows (TYPE azure, PROVIDER credential_chain, ACCOUNT_NAME ${sqlText(place.account)});
`;
}

const AZURE_HINT = `
-- The same rows in a storage account: INSTALL azure; LOAD azure;
-- CREATE SECRET (TYPE azure, PROVIDER credential_chain, ACCOUNT_NAME '<account>');
-- and 'azure://modeldata/...' in place of the folder.
`;

function view(
  source: GenerateSource,
  options: GenerateOptions,
  designation: string,
  types: NonNullable<GenerateOptions['types']>,
): string {
  const { names, versions, range, layout } = source;
  const model = [root(source), ...names].join('/');
  const patterns = (versions ?? ['*']).flatMap((version) => {
    const folder = [
      wildcardsEscaped(model),
      versions === undefined ? '*' : wildcardsEscaped(version),
      wildcardsEscaped(designation),
    ].join('/');
    return layout === 'documented'
      ? [`${folder}/*/*/*/data*.csv`]
      : [`${folder}/*/*/*/*.csv`, `${folder}/*/*/*/*/*.csv`];
  });
  // The day by what stands in the path, with and without the zero of month and day.
  const part = (number: number) => `regexp_extract(file, '${DATE}', ${number})`;
  const day = `make_date(${[1, 2, 3].map((number) => `CAST(${part(number)} AS INTEGER)`).join(', ')})`;
  const conditions = [
    `regexp_matches(file, '${DATE}')`,
    ...(layout === 'python-v1' ? ["NOT ends_with(file, '/aml_telemetry.csv')"] : []),
    ...(range.from === undefined ? [] : [`${day} >= DATE '${range.from}'`]),
    ...(range.to === undefined ? [] : [`${day} <= DATE '${range.to}'`]),
  ];
  const variable = sqlName(`${designation} files`);
  return `-- The files of the stream, in the order in which they are read.
SET VARIABLE ${variable} = (
  SELECT CASE WHEN count(*) = 0 THEN error(${sqlText(`There are no files of ${designation} in that range.`)}) ELSE list(${LITERAL} ORDER BY file) END
  FROM (${patterns.map((pattern) => `SELECT file FROM glob(${sqlText(pattern)})`).join('\n    UNION ALL ')})
  WHERE ${conditions.join('\n    AND ')}
);
CREATE OR REPLACE VIEW ${sqlName(designation)} AS
SELECT * FROM read_csv(
  getvariable(${sqlText(`${designation} files`)}),
  ${readOptions(source, options, types).join(',\n  ')}
);
`;
}

// read_csv takes what stands in the list for patterns once more: a folder a*b would give the rows of others.
const LITERAL = "regexp_replace(file, '([*?[])', '[\\1]', 'g')";
const DATE = '/(\\d{4})/(\\d{1,2})/(\\d{1,2})(?:/\\d{2})?/[^/]+$';

function readOptions(
  { layout }: GenerateSource,
  { featureNames }: GenerateOptions,
  types: NonNullable<GenerateOptions['types']>,
): string[] {
  const isOurs = layout === 'documented';
  const declared = Object.entries(types).map(([name, type]) => [name, ENGINE_TYPES[type].sql]);
  // The columns of the call are texts, but for the time. Those of the Python package are not in all of its files.
  const calls = isOurs ? CORRELATION_COLUMNS.map((name) => [name, name === TIME ? 'TIMESTAMP' : 'VARCHAR']) : [];
  const all = [...declared, ...calls].map(([name = '', type]) => `${sqlText(name)}: '${type}'`);
  const names = [...(featureNames ?? []), ...(isOurs ? CORRELATION_COLUMNS : [])].map(sqlText);
  return [
    featureNames === undefined ? 'header = true' : `header = false,\n  names = [${names.join(', ')}]`,
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    // A value far down may be the first that is no number.
    'sample_size = -1',
    // Files of other columns are put together by name.
    'union_by_name = true',
    'hive_partitioning = false',
    // The Python package ends some lines with CR and LF, and others with LF.
    ...(isOurs ? [] : ['strict_mode = false']),
    'filename = true',
    ...(all.length === 0 ? [] : [`types = {${all.join(', ')}}`]),
  ];
}

const TIME = '$aml_dc_scoring_timestamp';

function join(
  source: GenerateSource,
  options: GenerateOptions,
  joinWith: string,
  joinTypes: NonNullable<GenerateOptions['types']>,
): string {
  const { designation } = source;
  const dropped = [...CORRELATION_COLUMNS, 'filename', '$aml_row', '$aml_place'].map(sqlName).join(', ');
  const placed = (stream: string) =>
    `SELECT *, row_number() OVER (PARTITION BY ${sqlName(CALL_ID)} ORDER BY "$aml_row") AS "$aml_place"
  FROM (SELECT *, row_number() OVER () AS "$aml_row" FROM ${sqlName(stream)})`;
  const right = view(
    source,
    options.featureNames === undefined ? options : { ...options, featureNames: undefined },
    joinWith,
    joinTypes,
  );
  return `${right}
-- Rows of one call side by side, by their place in it.
CREATE OR REPLACE VIEW ${sqlName(`${designation} with ${joinWith}`)} AS
WITH "left" AS (
  ${placed(designation)}
), "right" AS (
  ${placed(joinWith)}
)
SELECT "left".* EXCLUDE ("$aml_row", "$aml_place"), "right".* EXCLUDE (${dropped})
FROM "left" JOIN "right"
  ON "left".${sqlName(CALL_ID)} = "right".${sqlName(CALL_ID)} AND "left"."$aml_place" = "right"."$aml_place";
`;
}

/**
 * The place as DuckDB names it.
 *
 * @throws ValidationError (`VALIDATION`) when DuckDB cannot name it.
 */
function root({ place }: GenerateSource): string {
  if (place.kind === 'account') {
    return `azure://${place.container}`;
  }
  const directory = /^[A-Za-z]:/.test(place.directory) ? place.directory.replaceAll('\\', '/') : place.directory;
  if (directory.includes('\\')) {
    throw new ValidationError({
      path: 'storage',
      expected: 'a folder without a backslash in its path',
      message: 'DuckDB cannot look for files below a folder with a backslash in its name. Move or link the folder.',
    });
  }
  return directory;
}

/** A path in which nothing is a wildcard. */
function wildcardsEscaped(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
