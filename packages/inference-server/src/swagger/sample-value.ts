import type { ValueSchema, ValueSchemas } from '../schema/value-schema.ts';

/** A text and a moment as they could come. */
const TEXT = 'text';
const MOMENT = '2026-01-02T03:04:05Z';

/**
 * A value that fits a schema: its `sample`, else its `default`, else one that is made up.
 *
 * @param schema A checked schema.
 */
export function sampleValue(schema: ValueSchema): unknown {
  return schema.sample ?? schema.default ?? madeUp(schema);
}

/**
 * Samples of named values, those of optional ones too.
 *
 * @param schemas Checked schemas.
 */
export function sampleValues(schemas: ValueSchemas): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, sampleValue(schema)]));
}

function madeUp(schema: ValueSchema): unknown {
  switch (schema.type) {
    case 'number':
    case 'integer':
      return madeUpNumber(schema.minimum, schema.maximum);
    case 'string': {
      const text = schema.enum?.[0] ?? TEXT;
      return text.padEnd(schema.minLength ?? 0, '.').slice(0, schema.maxLength);
    }
    case 'boolean':
      return true;
    case 'date-time':
      return MOMENT;
    case 'array': {
      const count = schema.columns?.length ?? Math.min(Math.max(1, schema.minItems ?? 0), schema.maxItems ?? Infinity);
      return Array.from({ length: count }, () => sampleValue(schema.items));
    }
    case 'object':
      return sampleValues(schema.properties ?? {});
    case 'any':
      return {};
  }
}

function madeUpNumber(minimum: number | undefined, maximum: number | undefined): number {
  const least = Math.ceil(minimum ?? Math.min(0, maximum ?? 0));
  return maximum !== undefined && least > maximum ? maximum : least;
}
