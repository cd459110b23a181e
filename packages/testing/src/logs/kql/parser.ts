import { syntaxError } from './kql-error.ts';
import type { Expression, NamedExpression, Query, SortKey, Step } from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', '=~', '!~', '<>'];
const TEXT_COMPARISONS = ['contains', '!contains', 'has', '!has', 'startswith', '!startswith'];

/**
 * Reads a query of the shapes that the ready queries have.
 *
 * @throws KqlError for anything else.
 * @internal
 */
export function parseQuery(query: string): Query {
  return new Parser(tokensOf(query)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    const table = this.#name();
    const steps: Step[] = [];
    while (this.#take('|')) {
      steps.push(this.#step());
    }
    if (this.#next.kind !== 'end') {
      throw syntaxError(this.#next);
    }
    return { table, steps };
  }

  #step(): Step {
    const word = this.#name();
    switch (word) {
      case 'where':
        return { kind: 'where', condition: this.#or() };
      case 'project':
      case 'extend':
        return { kind: word, columns: this.#list(() => this.#named()) };
      case 'take':
      case 'limit':
        return { kind: 'take', count: this.#count() };
      case 'top': {
        const count = this.#count();
        this.#expect('by');
        return { kind: 'top', count, keys: this.#list(() => this.#sortKey()) };
      }
      case 'order':
      case 'sort':
        this.#expect('by');
        return { kind: 'sort', keys: this.#list(() => this.#sortKey()) };
      case 'count':
        return { kind: 'count' };
      case 'summarize': {
        const aggregates = this.#next.value === 'by' ? [] : this.#list(() => this.#named());
        return { kind: 'summarize', aggregates, groups: this.#take('by') ? this.#list(() => this.#named()) : [] };
      }
      default:
        throw syntaxError(this.#tokens[this.#at - 1] ?? this.#next);
    }
  }

  #named(): NamedExpression {
    const isNamed = this.#next.kind === 'name' && this.#tokens[this.#at + 1]?.value === '=';
    const name = isNamed ? this.#name() : undefined;
    if (isNamed) {
      this.#expect('=');
    }
    return { name, expression: this.#or() };
  }

  #sortKey(): SortKey {
    const expression = this.#or();
    return { expression, isDescending: !this.#take('asc') && (this.#take('desc') || true) };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('or')) {
      left = { kind: 'binary', sign: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#take('and')) {
      left = { kind: 'binary', sign: 'and', left, right: this.#comparison() };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#sum();
    const isNegated = this.#next.value === '!' && this.#next.kind === 'sign';
    if (isNegated) {
      this.#at += 1;
    }
    if (this.#take('in')) {
      this.#expect('(');
      const values = this.#list(() => this.#or());
      this.#expect(')');
      return { kind: 'in', left, values, isNegated };
    }
    const sign = `${isNegated ? '!' : ''}${this.#next.value}`;
    const isComparison =
      (this.#next.kind === 'sign' && COMPARISONS.includes(sign)) ||
      (this.#next.kind === 'name' && TEXT_COMPARISONS.includes(sign));
    if (!isComparison) {
      if (isNegated) {
        throw syntaxError(this.#next);
      }
      return left;
    }
    this.#at += 1;
    return { kind: 'binary', sign, left, right: this.#sum() };
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const sign = this.#sign('+', '-');
      if (sign === undefined) {
        return left;
      }
      left = { kind: 'binary', sign, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#path();
    for (;;) {
      const sign = this.#sign('*', '/', '%');
      if (sign === undefined) {
        return left;
      }
      left = { kind: 'binary', sign, left, right: this.#path() };
    }
  }

  #path(): Expression {
    let of = this.#primary();
    for (;;) {
      if (this.#take('.')) {
        of = { kind: 'member', of, name: this.#name() };
      } else if (this.#take('[')) {
        const token = this.#next;
        if (token.kind !== 'text') {
          throw syntaxError(token);
        }
        this.#at += 1;
        this.#expect(']');
        of = { kind: 'member', of, name: token.value };
      } else {
        return of;
      }
    }
  }

  #primary(): Expression {
    const token = this.#next;
    this.#at += 1;
    switch (token.kind) {
      case 'text':
        return { kind: 'literal', value: token.value, type: 'string' };
      case 'number':
        return { kind: 'literal', value: Number(token.value), type: /^\d+$/.test(token.value) ? 'long' : 'real' };
      case 'duration':
        return { kind: 'duration', text: token.value };
      case 'name':
        if (token.value === 'true' || token.value === 'false') {
          return { kind: 'literal', value: token.value === 'true', type: 'bool' };
        }
        if (this.#take('(')) {
          const args = this.#next.value === ')' && this.#next.kind === 'sign' ? [] : this.#list(() => this.#or());
          this.#expect(')');
          return { kind: 'call', name: token.value, args };
        }
        return { kind: 'column', name: token.value };
      default:
        if (token.value !== '(') {
          throw syntaxError(token);
        }
    }
    const inner = this.#or();
    this.#expect(')');
    return inner;
  }

  #list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.#take(',')) {
      items.push(read());
    }
    return items;
  }

  get #next(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  #take(value: string): boolean {
    const isThere = (this.#next.kind === 'name' || this.#next.kind === 'sign') && this.#next.value === value;
    if (isThere) {
      this.#at += 1;
    }
    return isThere;
  }

  #sign(...signs: readonly string[]): string | undefined {
    return signs.find((sign) => this.#next.kind === 'sign' && this.#take(sign));
  }

  #expect(value: string): void {
    if (!this.#take(value)) {
      throw syntaxError(this.#next);
    }
  }

  #name(): string {
    const token = this.#next;
    if (token.kind !== 'name') {
      throw syntaxError(token);
    }
    this.#at += 1;
    return token.value;
  }

  #count(): number {
    const token = this.#next;
    if (token.kind !== 'number' || !/^\d+$/.test(token.value)) {
      throw syntaxError(token);
    }
    this.#at += 1;
    return Number(token.value);
  }
}
