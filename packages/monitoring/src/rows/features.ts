import { nearestName, ValidationError } from '@azureml-ts/common';
import type { Cell } from '../format/csv-encode.ts';
import type { CellEncoder } from '../format/encode-rows.ts';
import { describeValue, inQuotes } from './describe-value.ts';
import { featureNamesFault } from './feature-names.ts';
import { FEATURE_TYPES, type FeatureType, typeRule, UNFIT } from './feature-types.ts';
import { InvalidRows } from './invalid-rows.ts';
import { hashCell, type Redaction, type RedactKey, readRedactKey, redactValue } from './redact.ts';

/** A declared feature: one column of the rows. */
export interface Feature {
  /** Name of the column. */
  readonly name: string;
  /** What its values are, and how they stand in the file. */
  readonly type: FeatureType;
  /** What an `enum` may be: at least one text, none empty or repeated. */
  readonly values?: readonly string[] | undefined;
  /** Hides the values. Default: they are stored as they are. */
  readonly redact?: Redaction | undefined;
}

/** Declared features, ready for rows. */
export interface CompiledFeatures {
  /** Names of all features, in order: what a row must have. */
  readonly inputNames: readonly string[];
  /** Names of the features that are stored. */
  readonly storedNames: readonly string[];
  /** For each stored column, its place among the features of a row. */
  readonly storedColumns: readonly number[];
  /**
   * For each feature of a row, how a value becomes a cell; throws InvalidRows when the value is not of the type. Features
   * that are not stored are not looked at.
   */
  readonly convert: readonly ((value: unknown) => Cell)[];
  /** For each stored column, how a cell becomes text; `undefined` stands for the usual way. */
  readonly encoders: readonly (CellEncoder | undefined)[];
  /** Whether values are hashed with a key that only this process has. */
  readonly usesRandomKey: boolean;
}

const FIELDS = ['name', 'type', 'values', 'redact'];
const REDACTIONS = ['drop', 'hash'];
const ALIASES: Readonly<Record<string, FeatureType>> = {
  number: 'float64',
  double: 'float64',
  float: 'float64',
  single: 'float32',
  integer: 'int64',
  int: 'int64',
  long: 'int64',
  bigint: 'int64',
  text: 'string',
  str: 'string',
  object: 'string',
  datetime: 'timestamp',
  time: 'timestamp',
  category: 'enum',
  categorical: 'enum',
};

/**
 * Checks declared features.
 *
 * @param features Anything.
 * @param option What the caller calls them.
 * @throws ValidationError (`VALIDATION`) with the path of the first bad field, for example `features[2].type`.
 */
export function checkFeatures(features: unknown, option = 'features'): readonly Feature[] {
  if (!Array.isArray(features) || features.length === 0) {
    throw new ValidationError({
      path: option,
      expected: 'an array of at least one { name, type }',
      received: features,
    });
  }
  const names = new Set<unknown>();
  // Array.from shows the holes of a sparse array.
  for (const [index, feature] of Array.from(features as unknown[]).entries()) {
    checkFeature(feature, `${option}[${index}]`, names);
  }
  if ((features as Feature[]).every(({ redact }) => redact === 'drop')) {
    throw new ValidationError({ path: option, expected: "features of which at least one is not redact: 'drop'" });
  }
  return features as Feature[];
}

function checkFeature(feature: unknown, path: string, names: Set<unknown>): void {
  if (typeof feature !== 'object' || feature === null || Array.isArray(feature)) {
    throw new ValidationError({ path, expected: 'an object { name, type }', received: feature });
  }
  // A misspelt redact must not go unseen.
  const unknownField = Object.keys(feature).find((field) => !FIELDS.includes(field));
  if (unknownField !== undefined) {
    throw new ValidationError({
      path: `${path}.${unknownField.slice(0, 80)}`,
      expected: `one of the fields ${FIELDS.join(', ')}`,
      message: `${path} has the unknown field ${inQuotes(unknownField)}${meant(unknownField, FIELDS)}. A feature has ${FIELDS.join(', ')}.`,
    });
  }
  const { name, type, values, redact } = feature as Partial<Record<keyof Feature, unknown>>;
  checkName(name, `${path}.name`, names);
  checkType(type, `${path}.type`);
  checkValues(values, `${path}.values`, type === 'enum');
  if (redact !== undefined && typeof redact !== 'function' && !REDACTIONS.includes(redact as string)) {
    throw new ValidationError({
      path: `${path}.redact`,
      expected: `'drop', 'hash' or a function${meant(redact, REDACTIONS)}`,
      received: redact,
    });
  }
}

function checkName(name: unknown, path: string, names: Set<unknown>): void {
  if (typeof name !== 'string' || name === '') {
    throw new ValidationError({ path, expected: 'a non-empty text', received: name });
  }
  const fault = names.has(name) ? 'different from the names before it' : featureNamesFault([name]);
  if (fault !== undefined) {
    throw new ValidationError({ path, expected: fault, received: name });
  }
  names.add(name);
}

function checkType(type: unknown, path: string): void {
  if (!(FEATURE_TYPES as readonly unknown[]).includes(type)) {
    throw new ValidationError({
      path,
      expected: `one of ${FEATURE_TYPES.join(', ')}${meant(type, FEATURE_TYPES, ALIASES)}`,
      received: type,
    });
  }
}

function checkValues(values: unknown, path: string, isEnum: boolean): void {
  if (!isEnum) {
    if (values !== undefined) {
      throw new ValidationError({ path, expected: 'left out: only a feature of type enum has values' });
    }
    return;
  }
  // An empty text could not be told from a missing value.
  const areTexts = Array.isArray(values) && Array.from(values).every((value) => typeof value === 'string' && value);
  if (!areTexts || values.length === 0 || new Set(values).size !== values.length) {
    throw new ValidationError({
      path,
      expected: 'an array of at least one text, none of them empty or repeated',
      received: values,
    });
  }
}

function meant(wrong: unknown, known: readonly string[], aliases: Readonly<Record<string, string>> = {}): string {
  if (typeof wrong !== 'string') {
    return '';
  }
  const word = wrong.slice(0, 64).toLowerCase();
  const name = Object.hasOwn(aliases, word) ? aliases[word] : nearestName(wrong, known);
  return name === undefined ? '' : ` (did you mean ${name}?)`;
}

/**
 * Makes checked features ready for rows.
 *
 * @param features Features that {@link checkFeatures} has passed.
 * @param options `redactKey`: the key of hashed features; a random one of this process when left out.
 * @throws ValidationError (`VALIDATION`) when the key is empty.
 */
export function compileFeatures(
  features: readonly Feature[],
  options: { readonly redactKey: string | Uint8Array | undefined },
): CompiledFeatures {
  const key = readRedactKey(options.redactKey);
  const stored = [...features.entries()].filter(([, { redact }]) => redact !== 'drop');
  return {
    inputNames: features.map(({ name }) => name),
    storedNames: stored.map(([, { name }]) => name),
    storedColumns: stored.map(([column]) => column),
    convert: features.map((feature) => converter({ ...feature }, key)),
    encoders: stored.map(([, { type, redact }]) => (redact === 'hash' ? undefined : typeRule(type).encoder)),
    usesRandomKey: options.redactKey === undefined && features.some(({ redact }) => redact === 'hash'),
  };
}

function converter({ name, type, values, redact }: Feature, key: RedactKey): (value: unknown) => Cell {
  if (redact === 'drop') {
    return () => undefined;
  }
  const { expected, toCell, encoder } = typeRule(type, values);
  const checked = (value: unknown): Cell => {
    const cell = value === null || value === undefined ? null : toCell(value);
    if (cell === UNFIT) {
      throw new InvalidRows(
        undefined,
        `column ${inQuotes(name)} must be ${expected}, but is ${describeValue(value, redact !== undefined)}`,
      );
    }
    return cell;
  };
  if (redact === undefined) {
    return checked;
  }
  const redacted =
    redact === 'hash'
      ? (value: unknown) => hashCell(key, checked(value), encoder)
      : (value: unknown) => checked(redactValue(name, redact, value));
  return (value) => (value === null || value === undefined ? null : redacted(value));
}
