import type { ValueSchema, ValueSchemas } from '../schema/value-schema.ts';

/** The versions of the description: Swagger 2.0, OpenAPI 3.0.3 and OpenAPI 3.1.0. */
export type SwaggerVersion = '2' | '3' | '3.1';

/** A part of the description. */
export type JsonObject = Record<string, unknown>;

/**
 * Writes a value's schema as the version has it.
 *
 * @param schema A checked schema.
 * @param version Which version; they differ in how they say that `null` is fine.
 */
export function jsonSchema(schema: ValueSchema, version: SwaggerVersion): JsonObject {
  const { description, sample } = schema;
  return {
    ...(schema.type === 'any' ? {} : typeOf(schema, version)),
    ...(description === undefined ? {} : { description }),
    ...limits(schema, version),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(sample === undefined ? {} : version === '3.1' ? { examples: [sample] } : { example: sample }),
  };
}

/**
 * Writes named values as an object.
 *
 * @param schemas Checked schemas.
 * @param version Which version.
 */
export function jsonObjectSchema(schemas: ValueSchemas, version: SwaggerVersion): JsonObject {
  const entries = Object.entries(schemas);
  const required = entries.filter(([, { optional, default: given }]) => optional !== true && given === undefined);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name, jsonSchema(schema, version)])),
    // An empty list is forbidden before 3.1.
    ...(required.length === 0 ? {} : { required: required.map(([name]) => name) }),
  };
}

function typeOf(schema: ValueSchema, version: SwaggerVersion): JsonObject {
  const type = schema.type === 'date-time' ? 'string' : schema.type;
  const format = FORMATS[schema.type];
  return {
    type: schema.nullable === true && version === '3.1' ? [type, 'null'] : type,
    ...(format === undefined ? {} : { format }),
    ...(schema.nullable === true && version !== '3.1'
      ? // Swagger 2.0 has no word for it; this extension is widely understood.
        { [version === '2' ? 'x-nullable' : 'nullable']: true }
      : {}),
  };
}

const FORMATS: Readonly<Record<string, string>> = { number: 'double', integer: 'int64', 'date-time': 'date-time' };

function limits(schema: ValueSchema, version: SwaggerVersion): JsonObject {
  switch (schema.type) {
    case 'number':
    case 'integer':
      return pick(schema, ['minimum', 'maximum']);
    case 'string':
      return {
        ...pick(schema, ['minLength', 'maxLength']),
        ...(schema.enum === undefined
          ? {}
          : // Where null is fine, the list must hold it too.
            { enum: schema.nullable === true && version !== '2' ? [...schema.enum, null] : schema.enum }),
      };
    case 'array': {
      const items = jsonSchema(schema.items, version);
      const { columns } = schema;
      return columns === undefined
        ? { items, ...pick(schema, ['minItems', 'maxItems']) }
        : { items, minItems: columns.length, maxItems: columns.length, 'x-columns': columns };
    }
    case 'object':
      return schema.properties === undefined ? {} : jsonObjectSchema(schema.properties, version);
    default:
      return {};
  }
}

function pick<T extends object>(value: T, names: readonly (keyof T & string)[]): JsonObject {
  return Object.fromEntries(names.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]));
}
