import { compileAggregate, isAggregate } from './aggregates.ts';
import { type Compiled, compile, type Scope } from './compile.ts';
import { semanticError } from './kql-error.ts';
import { parseQuery } from './parser.ts';
import type { Expression, NamedExpression, SortKey, Step } from './syntax.ts';
import { compare, type KqlType, type Row, textOf } from './values.ts';

/** A table. @internal */
export interface KqlTable {
  readonly columns: ReadonlyMap<string, KqlType>;
  readonly rows: readonly Row[];
}

/**
 * Runs a query of the shapes that the ready queries have.
 *
 * @param query The query.
 * @param tableOf Finds a table by its name.
 * @param now The time for `now()` and `ago()`.
 * @throws KqlError for anything else.
 * @internal
 */
export function runQuery(query: string, tableOf: (name: string) => KqlTable | undefined, now: () => Date): KqlTable {
  const { table: name, steps } = parseQuery(query);
  const table = tableOf(name);
  if (table === undefined) {
    throw semanticError('SEM0100', `'where' operator: Failed to resolve table or column expression named '${name}'`);
  }
  return steps.reduce((current, step) => runStep(current, step, now), table);
}

function runStep({ columns, rows }: KqlTable, step: Step, now: () => Date): KqlTable {
  const scope: Scope = { columns, now, operator: step.kind };
  switch (step.kind) {
    case 'where': {
      const condition = compile(step.condition, scope);
      return { columns, rows: rows.filter((row) => condition.of(row) === true) };
    }
    case 'take':
      return { columns, rows: rows.slice(0, step.count) };
    case 'sort':
      return { columns, rows: sorted(rows, step.keys, scope) };
    case 'top':
      return { columns, rows: sorted(rows, step.keys, scope).slice(0, step.count) };
    case 'count':
      return { columns: new Map([['Count', 'long']]), rows: [{ Count: rows.length }] };
    case 'project':
      return computed(rows, new Map(), step.columns, scope);
    case 'extend':
      return computed(rows, columns, step.columns, scope);
    case 'summarize':
      return summarized(rows, step.aggregates, step.groups, scope);
  }
}

type NamedColumn = readonly [name: string, compiled: Compiled];

function computed(
  rows: readonly Row[],
  kept: ReadonlyMap<string, KqlType>,
  named: readonly NamedExpression[],
  scope: Scope,
): KqlTable {
  const names = namesOf(named, kept.keys());
  const made = named.map(({ expression }, index): NamedColumn => [names[index] ?? '', compile(expression, scope)]);
  const columns = new Map([...kept, ...made.map(([name, { type }]) => [name, type] as const)]);
  const keptNames = [...kept.keys()];
  return {
    columns,
    rows: rows.map((row) =>
      Object.fromEntries([
        ...keptNames.map((name) => [name, row[name]]),
        ...made.map(([name, { of }]) => [name, of(row)]),
      ]),
    ),
  };
}

function summarized(
  rows: readonly Row[],
  aggregates: readonly NamedExpression[],
  groups: readonly NamedExpression[],
  scope: Scope,
): KqlTable {
  const keyNames = namesOf(groups, []);
  const names = namesOf(aggregates, keyNames);
  const keys = groups.map(({ expression }, index): NamedColumn => [keyNames[index] ?? '', compile(expression, scope)]);
  const made = aggregates.map((aggregate, index) => {
    if (!isAggregate(aggregate.expression)) {
      throw semanticError('SEM0173', `summarize: the expression ${index + 1} is no aggregate`);
    }
    return [names[index] ?? '', compileAggregate(aggregate.expression, scope)] as const;
  });
  const found = new Map<string, { readonly values: readonly unknown[]; readonly rows: Row[] }>();
  for (const row of rows) {
    const values = keys.map(([, { of }]) => of(row));
    const id = JSON.stringify(values.map(textOf));
    const group = found.get(id) ?? { values, rows: [] };
    group.rows.push(row);
    found.set(id, group);
  }
  if (keys.length === 0 && found.size === 0) {
    found.set('', { values: [], rows: [] });
  }
  return {
    columns: new Map([
      ...keys.map(([name, { type }]) => [name, type] as const),
      ...made.map(([name, { type }]) => [name, type] as const),
    ]),
    rows: [...found.values()].map((group) =>
      Object.fromEntries([
        ...keys.map(([name], index) => [name, group.values[index]]),
        ...made.map(([name, { over }]) => [name, over(group.rows)]),
      ]),
    ),
  };
}

function sorted(rows: readonly Row[], keys: readonly SortKey[], scope: Scope): Row[] {
  const compiled = keys.map(({ expression, isDescending }) => ({ ...compile(expression, scope), isDescending }));
  return [...rows].sort((a, b) => {
    for (const { of, isDescending } of compiled) {
      const order = compare(of(a), of(b));
      if (order !== 0) {
        return isDescending ? -order : order;
      }
    }
    return 0;
  });
}

/** Names of columns: those given, else those that Kusto makes up; a name that is there already gets a number. */
function namesOf(columns: readonly NamedExpression[], taken: Iterable<string>): string[] {
  const used = new Set([...taken, ...columns.flatMap(({ name }) => name ?? [])]);
  return columns.map(({ name, expression }, index) => {
    if (name !== undefined) {
      return name;
    }
    const base = innerName(expression) ?? `Column${index + 1}`;
    let made = base;
    for (let n = 1; used.has(made); n++) {
      made = `${base}${n}`;
    }
    used.add(made);
    return made;
  });
}

function innerName(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'column':
    case 'member':
      return expression.name;
    case 'call': {
      const inner = expression.args[0] === undefined ? undefined : innerName(expression.args[0]);
      return isAggregate(expression) ? `${expression.name}_${inner ?? ''}` : inner;
    }
    default:
      return undefined;
  }
}
