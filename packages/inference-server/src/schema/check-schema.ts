import { ValidationError } from '@azureml-ts/common';
import { compileValue } from './read-value.ts';
import { stepText } from './value-path.ts';
import type { ValueSchema } from './value-schema.ts';

const COMMON = ['type', 'description', 'nullable', 'optional', 'default', 'sample'];

/** What each type may say beside what every type may. */
const KEYWORDS: Readonly<Record<ValueSchema['type'], readonly string[]>> = {
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  string: ['enum', 'minLength', 'maxLength'],
  boolean: [],
  'date-time': [],
  array: ['items', 'minItems', 'maxItems', 'columns'],
  object: ['properties'],
  any: [],
};

const HINTS: Readonly<Record<string, string>> = {
  required: ' Values are required unless they have a default or optional: true.',
  additionalProperties: ' Names that properties does not list are left out.',
  format: ' For a moment in time use the type date-time.',
};

/** Objects get their values by assignment somewhere; under this name that would change what they are. */
const FORBIDDEN_NAME = '__proto__';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks named values of a definition.
 *
 * @throws ValidationError `VALIDATION`
 */
export function checkValueSchemas(schemas: unknown, path: string): void {
  if (!isFields(schemas)) {
    throw new ValidationError({ path, expected: 'an object of schemas by name', received: schemas });
  }
  for (const [name, schema] of Object.entries(schemas)) {
    if (name === FORBIDDEN_NAME || name === '') {
      throw new ValidationError({ path, expected: 'an object without the names "" and "__proto__"' });
    }
    checkValueSchema(schema, path + stepText(name));
  }
}

/**
 * Checks the definition of one value, with everything inside.
 *
 * @throws ValidationError `VALIDATION`
 */
export function checkValueSchema(schema: unknown, path: string): void {
  if (!isFields(schema)) {
    throw new ValidationError({ path, expected: 'an object with a type', received: schema });
  }
  const { type } = schema;
  const keywords = Object.hasOwn(KEYWORDS, String(type)) ? KEYWORDS[type as ValueSchema['type']] : undefined;
  if (keywords === undefined) {
    throw new ValidationError({
      path: `${path}.type`,
      expected: `one of ${Object.keys(KEYWORDS).join(', ')}`,
      received: type,
    });
  }
  for (const [keyword, value] of Object.entries(schema)) {
    if (![...COMMON, ...keywords].includes(keyword)) {
      throw new ValidationError({
        path: `${path}.${keyword}`,
        expected: 'left out',
        message:
          `${path}.${keyword} is unknown for the type ${type}; ` +
          `known are ${[...COMMON, ...keywords].join(', ')}.${HINTS[keyword] ?? ''}`,
      });
    }
    checkKeyword(keyword, value, `${path}.${keyword}`);
  }
  if (type === 'array') {
    checkArray(schema, path);
  }
  checkOrder(schema, path, 'minimum', 'maximum');
  checkOrder(schema, path, 'minLength', 'maxLength');
  checkOrder(schema, path, 'minItems', 'maxItems');
  checkExamples(schema as unknown as ValueSchema, path);
}

function checkKeyword(keyword: string, value: unknown, path: string): void {
  switch (keyword) {
    case 'description':
      expect(typeof value === 'string', path, 'a text', value);
      break;
    case 'nullable':
    case 'optional':
      expect(typeof value === 'boolean', path, 'true or false', value);
      break;
    case 'minimum':
    case 'maximum':
      expect(Number.isFinite(value), path, 'a finite number', value);
      break;
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
      expect(Number.isSafeInteger(value) && (value as number) >= 0, path, 'an integer from 0 on', value);
      break;
    case 'enum':
    case 'columns':
      expect(areDistinctTexts(value), path, 'an array of at least one text, none of them twice', value);
      break;
    case 'items':
      checkValueSchema(value, path);
      break;
    case 'properties':
      checkValueSchemas(value, path);
      break;
    default:
  }
}

function checkArray({ items, columns, minItems, maxItems }: Fields, path: string): void {
  expect(items !== undefined, `${path}.items`, 'the schema of an item', items);
  const isTwice = columns !== undefined && (minItems !== undefined || maxItems !== undefined);
  expect(!isTwice, `${path}.columns`, 'given without minItems and maxItems: it says how many items there are', columns);
}

function checkOrder(schema: Fields, path: string, least: string, most: string): void {
  const [from, to] = [schema[least], schema[most]];
  if (typeof from === 'number' && typeof to === 'number' && from > to) {
    throw new ValidationError({
      path: `${path}.${least}`,
      expected: `at most ${most}, which is ${to}`,
      received: from,
    });
  }
}

/** A default or a sample that does not fit its own schema would only show when somebody uses it. */
function checkExamples(schema: ValueSchema, path: string): void {
  for (const keyword of ['default', 'sample'] as const) {
    const value = schema[keyword];
    if (value === undefined) {
      continue;
    }
    try {
      compileValue(schema)(value, []);
    } catch (error) {
      throw new ValidationError({
        path: `${path}.${keyword}`,
        expected: 'a value that fits its own schema',
        message: `${path}.${keyword} does not fit its own schema: ${(error as Error).message}`,
        cause: error,
      });
    }
  }
}

function areDistinctTexts(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'string' && item !== '') &&
    new Set(value).size === value.length
  );
}

function expect(holds: boolean, path: string, expected: string, received: unknown): void {
  if (!holds) {
    throw new ValidationError({ path, expected, received });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
