/** Rows as they stand in a record: objects by the names of columns. */
export type MonitoredRows = readonly Readonly<Record<string, unknown>>[];

/** What {@link validateForMonitoring} looks at: `data` of records, as text (which tells `5.0` from `5`) or read. */
export interface MonitoringSample {
  /** `data` of records of the inputs. */
  readonly inputs: readonly (string | MonitoredRows)[];
  /** `data` of records of the outputs: the n-th has the context of the n-th of the inputs. */
  readonly outputs?: readonly (string | MonitoredRows)[] | undefined;
  /** `data` of the baseline that inputs are compared with, as text where floats matter. */
  readonly baseline?: readonly (string | MonitoredRows)[] | undefined;
}

/** Something that model monitoring would not do as expected. */
export interface MonitoringFinding {
  /**
   * `TYPE_DIFFERS`: left out, because baseline and production have other types. `MIXED_TYPES`: the whole window becomes
   * text. `ALL_NULL`: becomes text. `CASE_ONLY`: names that differ only in case fail the window. `RESERVED_NAME`:
   * `correlationid` is there twice. `DOT_IN_NAME`: refused by the drift step. `ROW_COUNTS`: inputs and outputs of one
   * context cannot be joined row by row. `NOT_IN_PRODUCTION`, `NOT_IN_BASELINE`: on one side only.
   */
  readonly code:
    | 'TYPE_DIFFERS'
    | 'MIXED_TYPES'
    | 'ALL_NULL'
    | 'CASE_ONLY'
    | 'RESERVED_NAME'
    | 'DOT_IN_NAME'
    | 'ROW_COUNTS'
    | 'NOT_IN_PRODUCTION'
    | 'NOT_IN_BASELINE';
  /** The column, where it is about one. */
  readonly column: string | undefined;
  /** What is wrong, and what to do. */
  readonly message: string;
}

type ColumnType = 'integer' | 'float' | 'text' | 'boolean' | 'nested' | 'null';

/**
 * Predicts which columns Azure ML's model monitoring would leave out or misread, and why.
 *
 * @param sample Records of one window, and of the baseline.
 * @returns What was found; empty when nothing was.
 * @example
 * ```ts
 * import { validateForMonitoring } from '@azureml-ts/monitoring';
 *
 * const findings = validateForMonitoring({ inputs: ['[{"age":59}]'], baseline: ['[{"age":59.5}]'] });
 * console.log(findings.map(({ code, column }) => `${code} ${column}`)); // [ 'TYPE_DIFFERS age' ]
 * ```
 *
 * Source: the preprocessor and the drift step of Azure/azureml-assets `model_monitoring`.
 */
export function validateForMonitoring(sample: MonitoringSample): MonitoringFinding[] {
  const { inputs, outputs = [], baseline } = sample;
  const production = typesOf(inputs);
  const findings = [...nameFindings(production), ...nameFindings(typesOf(outputs)), ...typeFindings(production)];
  findings.push(...typeFindings(typesOf(outputs)));
  if (baseline !== undefined) {
    findings.push(...differences(typesOf(baseline), production));
  }
  for (const [index, rows] of outputs.entries()) {
    const counts = [rowsOf(inputs[index] ?? []).length, rowsOf(rows).length];
    if (counts[0] !== counts[1]) {
      findings.push({
        code: 'ROW_COUNTS',
        column: undefined,
        message: `record ${index} has ${counts[0]} rows of inputs and ${counts[1]} of outputs: they are joined row by row, so give both the same number in the same order.`,
      });
    }
  }
  return findings;
}

function rowsOf(rows: string | MonitoredRows): MonitoredRows {
  return typeof rows === 'string' ? (JSON.parse(withMarkedFloats(rows)) as MonitoredRows) : rows;
}

const FLOAT_MARK = '\ufdd0float';

/** JSON in which every float outside of texts is a marked text, because reading would make 5.0 the same as 5. */
function withMarkedFloats(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') || !/[.eE]/.test(token) ? token : `"${FLOAT_MARK}"`,
  );
}

function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case 'string':
      return value === FLOAT_MARK ? 'float' : 'text';
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'float';
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'boolean';
    default:
      return value === null || value === undefined ? 'null' : 'nested';
  }
}

function typesOf(records: readonly (string | MonitoredRows)[]): Map<string, Set<ColumnType>> {
  const types = new Map<string, Set<ColumnType>>();
  for (const row of records.flatMap(rowsOf)) {
    for (const [name, value] of Object.entries(row)) {
      types.set(name, (types.get(name) ?? new Set()).add(typeOf(value)));
    }
  }
  return types;
}

/** The type that Spark gives a column. */
function merged(types: ReadonlySet<ColumnType>): ColumnType {
  const there = [...types].filter((type) => type !== 'null');
  if (there.length === 0) {
    return 'text';
  }
  if (there.every((type) => type === 'integer' || type === 'float')) {
    return there.includes('float') ? 'float' : 'integer';
  }
  return there.length === 1 ? (there[0] as ColumnType) : 'text';
}

function nameFindings(types: ReadonlyMap<string, unknown>): MonitoringFinding[] {
  const seen = new Map<string, string>();
  return [...types.keys()].flatMap((column): MonitoringFinding[] => {
    const found: MonitoringFinding[] = [];
    const lower = column.toLowerCase();
    const other = seen.get(lower);
    seen.set(lower, column);
    if (other !== undefined) {
      const message = `the columns ${other} and ${column} differ only in case, which fails the whole window. Rename one.`;
      found.push({ code: 'CASE_ONLY', column, message });
    }
    if (lower === 'correlationid') {
      const message = `monitoring adds a column correlationid itself. Rename ${column}.`;
      found.push({ code: 'RESERVED_NAME', column, message });
    }
    if (column.includes('.')) {
      const message = `the drift step refuses the dot in ${column}. Rename it.`;
      found.push({ code: 'DOT_IN_NAME', column, message });
    }
    return found;
  });
}

function typeFindings(types: ReadonlyMap<string, ReadonlySet<ColumnType>>): MonitoringFinding[] {
  return [...types].flatMap(([column, all]): MonitoringFinding[] => {
    const there = new Set(
      [...all].map((type) => (type === 'integer' ? 'float' : type)).filter((type) => type !== 'null'),
    );
    if (there.size === 0) {
      return [{ code: 'ALL_NULL', column, message: `${column} has no value, and is taken for a column of texts.` }];
    }
    const kinds = [...all].join(', ');
    const message = `${column} has values of several types (${kinds}), and becomes text for the whole window. Keep one type.`;
    return there.size > 1 ? [{ code: 'MIXED_TYPES', column, message }] : [];
  });
}

function differences(
  baseline: ReadonlyMap<string, ReadonlySet<ColumnType>>,
  production: ReadonlyMap<string, ReadonlySet<ColumnType>>,
): MonitoringFinding[] {
  const names = new Set([...baseline.keys(), ...production.keys()]);
  return [...names].flatMap((column): MonitoringFinding[] => {
    const [old, now] = [baseline.get(column), production.get(column)];
    if (old === undefined || now === undefined) {
      const where = old === undefined ? 'baseline' : 'production';
      const code = old === undefined ? 'NOT_IN_BASELINE' : 'NOT_IN_PRODUCTION';
      return [{ code, column, message: `${column} is not in the ${where}, and is left out.` }];
    }
    const types = [merged(old), merged(now)];
    const advice = types.includes('float') && types.includes('integer') ? " Declare it as { type: 'float64' }." : '';
    const message = `${column} is of type ${types[0]} in the baseline and of type ${types[1]} in production, and is left out silently.${advice}`;
    return types[0] === types[1] ? [] : [{ code: 'TYPE_DIFFERS', column, message }];
  });
}
