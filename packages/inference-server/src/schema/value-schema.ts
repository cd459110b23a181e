interface AnyValueSchema {
  /** What the value is, for readers of the API description. */
  readonly description?: string;
  /** Whether `null` is fine too. Default `false`. */
  readonly nullable?: boolean;
  /** Whether the value may be left out. Default `false`, unless there is a `default`. */
  readonly optional?: boolean;
  /** What stands in for a value that is left out. */
  readonly default?: unknown;
  /** A value as callers would send it, for the API description. Default: one is made up from the schema. */
  readonly sample?: unknown;
}

/** A number: `number` takes every finite one, `integer` those without a fraction up to 9,007,199,254,740,991. */
export interface NumberSchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'number' | 'integer';
  /** Least value. */
  readonly minimum?: number;
  /** Greatest value. */
  readonly maximum?: number;
}

/** A text. */
export interface StringSchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'string';
  /** The texts that are allowed. Default: any. */
  readonly enum?: readonly string[];
  /** Least number of characters (Unicode code points, as JSON Schema counts them). */
  readonly minLength?: number;
  /** Greatest number of characters. */
  readonly maxLength?: number;
}

/** `true` or `false`. */
export interface BooleanSchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'boolean';
}

/** A moment: a text of ISO 8601 with a zone, such as `2026-01-02T03:04:05Z`; `run()` gets a `Date`. */
export interface DateTimeSchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'date-time';
}

/** A list of values of one kind. */
export interface ArraySchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'array';
  /** What each item is. */
  readonly items: ValueSchema;
  /** Least number of items. Default 0. */
  readonly minItems?: number;
  /** Greatest number of items. Default: no limit. */
  readonly maxItems?: number;
  /** Names of the items of a row, in order: there must be exactly as many items. */
  readonly columns?: readonly string[];
}

/** An object with named values. */
export interface ObjectSchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'object';
  /** Its values by name. `run()` gets only these. Default: any names with any values. */
  readonly properties?: ValueSchemas;
}

/** Any JSON value; it is not looked at. */
export interface AnySchema extends AnyValueSchema {
  /** What kind of value it is. */
  readonly type: 'any';
}

/**
 * What one value of an input or output is. A small subset of JSON Schema, with two differences: a value is required unless
 * it has a `default` or is `optional`, and the type `date-time` gives `run()` a `Date`.
 */
export type ValueSchema =
  | NumberSchema
  | StringSchema
  | BooleanSchema
  | DateTimeSchema
  | ArraySchema
  | ObjectSchema
  | AnySchema;

/** Values by name. */
export type ValueSchemas = Readonly<Record<string, ValueSchema>>;

/** The TypeScript type of values that fit a schema. */
export type ValueOf<S> = S extends { readonly nullable: true } ? PresentValueOf<S> | null : PresentValueOf<S>;

/** The TypeScript type of named values: those that are optional and have no default may be missing. */
export type ValuesOf<P> = {
  readonly [K in keyof P as IsOptional<P[K]> extends true ? never : K]: ValueOf<P[K]>;
} & {
  readonly [K in keyof P as IsOptional<P[K]> extends true ? K : never]?: ValueOf<P[K]>;
};

type IsOptional<S> = S extends { readonly default: unknown }
  ? false
  : S extends { readonly optional: true }
    ? true
    : false;

type PresentValueOf<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: 'number' | 'integer' }
    ? number
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'boolean' }
        ? boolean
        : S extends { readonly type: 'date-time' }
          ? Date
          : S extends { readonly type: 'array'; readonly items: infer I }
            ? ValueOf<I>[]
            : S extends { readonly type: 'object'; readonly properties: infer P }
              ? ValuesOf<P>
              : S extends { readonly type: 'object' }
                ? Record<string, unknown>
                : unknown;
