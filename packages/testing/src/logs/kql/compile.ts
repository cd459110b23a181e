import { FUNCTIONS, numberOf } from './functions.ts';
import { semanticError } from './kql-error.ts';
import type { Expression } from './syntax.ts';
import { compare, KqlSpan, KqlTime, type KqlType, orderedOf, type Row, spanOf, textOf, type Value } from './values.ts';

/** What an expression is checked and computed against. @internal */
export interface Scope {
  readonly columns: ReadonlyMap<string, KqlType>;
  readonly now: () => Date;
  /** Name of the operator, for errors. */
  readonly operator: string;
}

/** An expression that was checked. @internal */
export interface Compiled {
  readonly type: KqlType;
  readonly of: (row: Row) => Value;
}

/** Checks an expression and makes a function of it. @throws KqlError for names that are not known. @internal */
export function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.kind) {
    case 'literal': {
      const { value, type } = expression;
      return { type, of: () => value };
    }
    case 'duration': {
      const span = spanOf(expression.text);
      return { type: 'timespan', of: () => span };
    }
    case 'column': {
      const { name } = expression;
      const type = scope.columns.get(name);
      if (type === undefined) {
        throw semanticError(
          'SEM0100',
          `'${scope.operator}' operator: Failed to resolve column or scalar expression named '${name}'`,
        );
      }
      return { type, of: (row) => row[name] };
    }
    case 'member': {
      const of = compile(expression.of, scope);
      const { name } = expression;
      return { type: 'dynamic', of: (row) => memberOf(of.of(row), name) };
    }
    case 'call':
      return compileCall(expression, scope);
    case 'in': {
      const left = compile(expression.left, scope);
      const values = expression.values.map((value) => compile(value, scope));
      const { isNegated } = expression;
      return {
        type: 'bool',
        of: (row) => {
          const value = left.of(row);
          return values.some((other) => isEqual(value, other.of(row))) !== isNegated;
        },
      };
    }
    case 'binary': {
      const { sign } = expression;
      const left = compile(expression.left, scope);
      const right = compile(expression.right, scope);
      return { type: typeOf(sign, left.type, right.type), of: (row) => binary(sign, left, right, row) };
    }
  }
}

function compileCall({ name, args }: Extract<Expression, { kind: 'call' }>, scope: Scope): Compiled {
  if (name === 'column_ifexists') {
    const [column, otherwise] = args;
    if (args.length !== 2 || column?.kind !== 'literal' || otherwise === undefined) {
      throw semanticError('SEM0219', 'column_ifexists(): expects the name of a column and a value');
    }
    const found = String(column.value);
    return scope.columns.has(found) ? compile({ kind: 'column', name: found }, scope) : compile(otherwise, scope);
  }
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) {
    throw semanticError('SEM0260', `Unknown function: '${name}'.`);
  }
  const [least, most] = known.arity;
  if (args.length < least || args.length > most) {
    throw semanticError('SEM0219', `${name}(): function expects ${least} argument(s)`);
  }
  const compiled = args.map((arg) => compile(arg, scope));
  return {
    type: known.type(compiled.map(({ type }) => type)),
    of: (row) =>
      known.call(
        compiled.map((arg) => arg.of(row)),
        scope.now,
      ),
  };
}

function typeOf(sign: string, left: KqlType, right: KqlType): KqlType {
  switch (sign) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return left === 'datetime' || left === 'timespan' ? left : left === 'real' || right === 'real' ? 'real' : 'long';
    default:
      return 'bool';
  }
}

function memberOf(value: Value, name: string): Value {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, Value>>)[name]
    : null;
}

/** Kusto does not stop at the first: both sides have no effects, so that makes no difference. */
function binary(sign: string, left: Compiled, right: Compiled, row: Row): Value {
  const a = left.of(row);
  const b = right.of(row);
  switch (sign) {
    case 'or':
      return a === true || b === true;
    case 'and':
      return a === true && b === true;
    case '==':
      return isEqual(a, b);
    case '!=':
    case '<>':
      return !isEqual(a, b);
    case '=~':
      return textOf(a).toLowerCase() === textOf(b).toLowerCase();
    case '!~':
      return textOf(a).toLowerCase() !== textOf(b).toLowerCase();
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isOrdered(sign, a, b);
    case 'contains':
    case '!contains':
      return textOf(a).toLowerCase().includes(textOf(b).toLowerCase()) === (sign === 'contains');
    case 'startswith':
    case '!startswith':
      return textOf(a).toLowerCase().startsWith(textOf(b).toLowerCase()) === (sign === 'startswith');
    case 'has':
    case '!has':
      return hasTerm(textOf(a), textOf(b)) === (sign === 'has');
    default:
      return arithmetic(sign, a, b, left.type, right.type);
  }
}

function isEqual(a: Value, b: Value): boolean {
  return typeof a === 'string' || typeof b === 'string'
    ? textOf(a) === textOf(b)
    : orderedOf(a) !== undefined && orderedOf(b) !== undefined && compare(a, b) === 0;
}

function isOrdered(sign: string, a: Value, b: Value): boolean {
  if (orderedOf(a) === undefined || orderedOf(b) === undefined) {
    return false;
  }
  const order = compare(a, b);
  return sign === '<' ? order < 0 : sign === '<=' ? order <= 0 : sign === '>' ? order > 0 : order >= 0;
}

function hasTerm(text: string, term: string): boolean {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .includes(term.toLowerCase());
}

function arithmetic(sign: string, a: Value, b: Value, left: KqlType, right: KqlType): Value {
  if ((a instanceof KqlTime || a instanceof KqlSpan) && b instanceof KqlSpan) {
    const ticks = sign === '-' ? a.ticks - b.ticks : a.ticks + b.ticks;
    return a instanceof KqlTime ? new KqlTime(ticks) : new KqlSpan(ticks);
  }
  const x = numberOf(a);
  const y = numberOf(b);
  if (x === null || y === null) {
    return null;
  }
  const isWhole = left !== 'real' && right !== 'real';
  switch (sign) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return isWhole ? (y === 0 ? null : Math.trunc(x / y)) : x / y;
    default:
      return x % y;
  }
}
