import { ValidationError } from '@azureml-ts/common';
import {
  allTypes,
  type ColumnType,
  type MonitoredRecord,
  type MonitoredRows,
  merged,
  readMonitored,
} from './monitored-columns.ts';

/**
 * What {@link validateForMonitoring} looks at: `data` of records, as text (which tells `5.0` from `5`), or rows as
 * `Collector.collect` takes them, which are looked at as a collector without declared columns writes them.
 */
export interface MonitoringSample {
  /** `data` of records of the inputs. */
  readonly inputs: readonly MonitoredRows[];
  /** `data` of records of the outputs: the n-th has the context of the n-th of the inputs. Default: not looked at. */
  readonly outputs?: readonly MonitoredRows[] | undefined;
  /** `data` of the baseline that inputs are compared with, as text where floats matter. Default: not compared. */
  readonly baseline?: readonly MonitoredRows[] | undefined;
}

/** Something that model monitoring would not do as expected. */
export interface MonitoringFinding {
  /**
   * `NOT_ROWS`: `data` is no list of rows, which fails the whole window, or `collect` would refuse it. `TYPE_DIFFERS`: left out, because baseline and production have other types. `MIXED_TYPES`: the whole window becomes
   * text. `ALL_NULL`: becomes text. `CASE_ONLY`: names that differ only in case fail the window. `RESERVED_NAME`:
   * `correlationid` is there twice. `DOT_IN_NAME`: refused by the drift step. `ROW_COUNTS`: inputs and outputs of one
   * context cannot be joined row by row, or one side has none. `NOT_IN_PRODUCTION`, `NOT_IN_BASELINE`: on one side only.
   */
  readonly code:
    | 'NOT_ROWS'
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

/**
 * Predicts which columns Azure ML's model monitoring would leave out or misread, and why.
 *
 * @param sample Records of one window, and of the baseline.
 * @returns What was found; empty when nothing was.
 * @throws ValidationError (`VALIDATION`) when the sample is no such lists.
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
  const inputs = recordsOf(sample, 'inputs') ?? [];
  const outputs = recordsOf(sample, 'outputs');
  const baseline = recordsOf(sample, 'baseline');
  const production = allTypes(inputs);
  const predicted = allTypes(outputs ?? []);
  return [
    ...rowFindings({ inputs, outputs, baseline }),
    ...nameFindings(production),
    ...nameFindings(predicted),
    ...typeFindings(production),
    ...typeFindings(predicted),
    ...(baseline === undefined ? [] : differences(allTypes(baseline), production)),
    ...(outputs === undefined ? [] : countFindings(inputs, outputs)),
  ];
}

function recordsOf(sample: MonitoringSample, side: keyof MonitoringSample): readonly MonitoredRecord[] | undefined {
  const given: unknown = (sample as Partial<MonitoringSample> | null | undefined)?.[side];
  if (side !== 'inputs' && (given === undefined || given === null)) {
    return undefined;
  }
  if (!Array.isArray(given)) {
    throw new ValidationError({ path: side, expected: 'an array with the data of each record', received: given });
  }
  return (given as MonitoredRows[]).map(readMonitored);
}

function rowFindings(sides: Readonly<Record<string, readonly MonitoredRecord[] | undefined>>): MonitoringFinding[] {
  return Object.entries(sides).flatMap(([side, records = []]) =>
    records.flatMap(({ fault }, index): MonitoringFinding[] => {
      const message = `record ${index} of the ${side} ${fault}: one such record can fail the whole window. Give rows as objects by name.`;
      return fault === undefined ? [] : [{ code: 'NOT_ROWS', column: undefined, message }];
    }),
  );
}

function countFindings(inputs: readonly MonitoredRecord[], outputs: readonly MonitoredRecord[]): MonitoringFinding[] {
  const longer = inputs.length > outputs.length ? inputs : outputs;
  return longer.flatMap((_, index): MonitoringFinding[] => {
    const [left, right] = [inputs[index], outputs[index]];
    if (left?.rowCount === right?.rowCount) {
      return [];
    }
    const message =
      left === undefined || right === undefined
        ? `record ${index} has no ${left === undefined ? 'inputs' : 'outputs'}: its rows are left out where both are joined. Collect both with one context.`
        : `record ${index} has ${left.rowCount} rows of inputs and ${right.rowCount} of outputs: they are joined row by row, so give both the same number in the same order.`;
    return [{ code: 'ROW_COUNTS', column: undefined, message }];
  });
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
      const other = [...(old === undefined ? baseline : production).keys()].find((name) => isSameButCase(name, column));
      const hint = other === undefined ? '' : ` It has ${other}: names must agree in case too.`;
      return [{ code, column, message: `${column} is not in the ${where}, and is left out.${hint}` }];
    }
    const types = [merged(old), merged(now)];
    const advice = types.includes('float') && types.includes('integer') ? " Declare it as { type: 'float64' }." : '';
    const message = `${column} is of type ${types[0]} in the baseline and of type ${types[1]} in production, and is left out silently.${advice}`;
    return types[0] === types[1] ? [] : [{ code: 'TYPE_DIFFERS', column, message }];
  });
}

function isSameButCase(one: string, other: string): boolean {
  return one !== other && one.toLowerCase() === other.toLowerCase();
}
