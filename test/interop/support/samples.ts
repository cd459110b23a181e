import type { CellType } from '@azureml-ts/data';
import type { Feature, FeatureValue } from '@azureml-ts/monitoring';
import type { ColumnKind } from './tables.ts';

/** Texts that readers of CSV have got wrong. */
export const TEXTS = [
  'plain',
  'a,b',
  'say "hi"',
  '"',
  '""',
  'two\nlines',
  'three\n\nlines',
  'windows\r\nline',
  'bare\rreturn',
  ' lead',
  'trail ',
  'tab\there',
  'NA',
  'null',
  'None',
  'nan',
  '#comment',
  "it's",
  '\\',
  '\\"',
  'ends with \\',
  '=1+1',
  'é漢😀',
  '\u2028',
  '\ufeffmark',
  '0x10',
  '12d',
  '',
  "'",
  '","',
];
const DOUBLES = [0, -0, 5, 1.5, -2.25, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2 ** 53, 123456.789];
/** The features of the rows, of all types that a reader can get wrong. */
export const FEATURES: readonly Feature[] = [
  { name: 'row', type: 'int32' },
  { name: 'age', type: 'float64' },
  { name: 'odd', type: 'float64' },
  { name: 'count', type: 'int64' },
  { name: 'big', type: 'int64' },
  { name: 'flag', type: 'boolean' },
  { name: 'when', type: 'timestamp' },
  { name: 'text', type: 'string' },
  { name: 'zip', type: 'string' },
  { name: 'free', type: 'float64' },
  { name: 'maybe', type: 'float64' },
];
/** The same as kinds of columns. */
export const KINDS: Readonly<Record<string, ColumnKind>> = {
  row: 'bigint',
  age: 'double',
  odd: 'double',
  count: 'bigint',
  big: 'bigint',
  flag: 'boolean',
  when: 'timestamp',
  text: 'string',
  zip: 'string',
  free: 'double',
  maybe: 'double',
};
/** The same as types that users declare. */
export const TYPES: Readonly<Record<string, CellType>> = Object.fromEntries(
  Object.entries(KINDS).map(([name, kind]) => [
    name,
    ({ double: 'number', timestamp: 'date' } as const)[kind as 'double'] ?? kind,
  ]),
) as Record<string, CellType>;

/** The values of one row, all kinds. */
export function valuesOf(row: number): FeatureValue[] {
  const nothing = row % 7 === 6;
  return [
    row,
    nothing ? null : (DOUBLES[row % DOUBLES.length] ?? 0),
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, null][row % 5] as FeatureValue,
    nothing ? undefined : [0, -1, 2 ** 53 - 1, 999_999_999_999_999_999n][row % 4],
    [null, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n][row % 3] as FeatureValue,
    nothing ? null : row % 2 === 0,
    nothing ? null : new Date(Date.UTC(2026, 1, 3, 4, 5, 6, row)),
    TEXTS[row % TEXTS.length] ?? '',
    String(row).padStart(5, '0'),
    row % 3 === 0 ? row : row / 4,
    row % 4 === 3 ? null : row + 0.5,
  ];
}

/** Names of a stream's folders. */
export interface Names {
  readonly workspace: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly workspaceName: string;
  };
  readonly webserviceName: string;
  readonly modelName: string;
  readonly modelVersion: string;
}

/** Names that make no trouble. */
export const PLAIN: Names = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '1',
};

/** Names that end a text, or are a wildcard, somewhere. */
export const ODD: Names = {
  workspace: { subscriptionId: "it's", resourceGroup: 'r "g" é漢😀', workspaceName: '{w},[s]*?' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant as it stands.
  webserviceName: '$svc ${x} `y` %20 #(lf) #',
  modelName: 'a=b \'\'\'""" {c,d}',
  modelVersion: '1,2',
};
