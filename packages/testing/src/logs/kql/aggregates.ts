import { type Compiled, compile, type Scope } from './compile.ts';
import { numberOf } from './functions.ts';
import { semanticError } from './kql-error.ts';
import type { Expression } from './syntax.ts';
import { compare, type KqlType, type Row, type Value } from './values.ts';

/** An expression over all rows of a group. @internal */
export interface Aggregate {
  readonly type: KqlType;
  readonly over: (rows: readonly Row[]) => Value;
}

interface AggregateFunction {
  readonly arity: readonly [least: number, most: number];
  readonly type: (args: readonly Compiled[]) => KqlType;
  readonly over: (rows: readonly Row[], args: readonly Compiled[]) => Value;
}

const sumType = ([first]: readonly Compiled[]): KqlType => (first?.type === 'real' ? 'real' : 'long');

const AGGREGATES: Readonly<Record<string, AggregateFunction>> = {
  count: { arity: [0, 0], type: () => 'long', over: (rows) => rows.length },
  countif: { arity: [1, 1], type: () => 'long', over: (rows, [condition]) => where(rows, condition).length },
  sum: { arity: [1, 1], type: sumType, over: (rows, [value]) => sumOf(rows, value) },
  sumif: { arity: [2, 2], type: sumType, over: (rows, [value, condition]) => sumOf(where(rows, condition), value) },
  avg: {
    arity: [1, 1],
    type: () => 'real',
    over: (rows, [value]) => (rows.length === 0 ? Number.NaN : sumOf(rows, value) / rows.length),
  },
  min: {
    arity: [1, 1],
    type: ([first]) => first?.type ?? 'long',
    over: (rows, [value]) => sorted(rows, value)[0] ?? null,
  },
  max: {
    arity: [1, 1],
    type: ([first]) => first?.type ?? 'long',
    over: (rows, [value]) => sorted(rows, value).at(-1) ?? null,
  },
  dcount: {
    arity: [1, 1],
    type: () => 'long',
    over: (rows, [value]) => new Set(rows.map((row) => value?.of(row))).size,
  },
  percentilew: {
    arity: [3, 3],
    type: ([first]) => first?.type ?? 'real',
    over: (rows, args) => weightedPercentile(rows, args),
  },
};

/** Whether a call is over all rows of a group. @internal */
export function isAggregate(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return Object.hasOwn(AGGREGATES, expression.name) || expression.args.some(isAggregate);
    case 'binary':
      return isAggregate(expression.left) || isAggregate(expression.right);
    default:
      return false;
  }
}

/** Checks an expression over rows, in which calls such as `sum(...)` may stand anywhere. @internal */
export function compileAggregate(expression: Expression, scope: Scope): Aggregate {
  const inner: [name: string, aggregate: Aggregate][] = [];
  const outer = withColumns(expression, scope, inner);
  const columns = new Map(inner.map(([name, { type }]) => [name, type]));
  const compiled = compile(outer, { ...scope, columns });
  return {
    type: compiled.type,
    over: (rows) => compiled.of(Object.fromEntries(inner.map(([name, aggregate]) => [name, aggregate.over(rows)]))),
  };
}

/** Puts a column in the place of each aggregate. */
function withColumns(expression: Expression, scope: Scope, found: [string, Aggregate][]): Expression {
  if (expression.kind === 'binary') {
    const { left, right } = expression;
    return { ...expression, left: withColumns(left, scope, found), right: withColumns(right, scope, found) };
  }
  if (expression.kind !== 'call') {
    return expression;
  }
  const known = Object.hasOwn(AGGREGATES, expression.name) ? AGGREGATES[expression.name] : undefined;
  if (known === undefined) {
    return { ...expression, args: expression.args.map((arg) => withColumns(arg, scope, found)) };
  }
  const args = expression.args.map((arg) => compile(arg, scope));
  if (args.length < known.arity[0] || args.length > known.arity[1]) {
    throw semanticError('SEM0219', `${expression.name}(): function expects ${known.arity[0]} argument(s)`);
  }
  const name = `aggregate ${found.length}`;
  found.push([name, { type: known.type(args), over: (rows) => known.over(rows, args) }]);
  return { kind: 'column', name };
}

function where(rows: readonly Row[], condition: Compiled | undefined): readonly Row[] {
  return rows.filter((row) => condition?.of(row) === true);
}

function sumOf(rows: readonly Row[], value: Compiled | undefined): number {
  return rows.reduce((sum, row) => sum + (numberOf(value?.of(row)) ?? 0), 0);
}

function sorted(rows: readonly Row[], value: Compiled | undefined): Value[] {
  return rows.map((row) => value?.of(row)).sort(compare);
}

/** The smallest value that has at least that share of all weights at or below it. */
function weightedPercentile(rows: readonly Row[], [value, weight, percentile]: readonly Compiled[]): Value {
  const pairs = rows
    .map((row) => ({ value: numberOf(value?.of(row)) ?? 0, weight: numberOf(weight?.of(row)) ?? 0 }))
    .sort((a, b) => a.value - b.value);
  const total = pairs.reduce((sum, pair) => sum + pair.weight, 0);
  const wanted = (total * (numberOf(percentile?.of({})) ?? 0)) / 100;
  let sum = 0;
  for (const pair of pairs) {
    sum += pair.weight;
    if (sum >= wanted) {
      return pair.value;
    }
  }
  return pairs.at(-1)?.value ?? null;
}
