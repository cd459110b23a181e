/** A scalar expression. @internal */
export type Expression =
  | {
      readonly kind: 'literal';
      readonly value: string | number | boolean;
      readonly type: 'string' | 'long' | 'real' | 'bool';
    }
  | { readonly kind: 'duration'; readonly text: string }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'in';
      readonly left: Expression;
      readonly values: readonly Expression[];
      readonly isNegated: boolean;
    };

/** An expression and the column that it becomes. @internal */
export interface NamedExpression {
  readonly name: string | undefined;
  readonly expression: Expression;
}

/** An expression to sort by. @internal */
export interface SortKey {
  readonly expression: Expression;
  readonly isDescending: boolean;
}

/** What follows a pipe. @internal */
export type Step =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'project' | 'extend'; readonly columns: readonly NamedExpression[] }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'top'; readonly count: number; readonly keys: readonly SortKey[] }
  | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
  | { readonly kind: 'count' }
  | {
      readonly kind: 'summarize';
      readonly aggregates: readonly NamedExpression[];
      readonly groups: readonly NamedExpression[];
    };

/** A query: a table and what is done with it. @internal */
export interface Query {
  readonly table: string;
  readonly steps: readonly Step[];
}
