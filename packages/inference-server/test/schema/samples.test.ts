import fc, { type Arbitrary } from 'fast-check';
import { checkValueSchema } from '../../src/schema/check-schema.ts';
import { compileValue, InputError } from '../../src/schema/read-value.ts';
import type { ValueSchema } from '../../src/schema/value-schema.ts';
import { sampleValue } from '../../src/swagger/sample-value.ts';

const range = (least: string, most: string, max: number) =>
  fc
    .record({ [least]: fc.integer({ min: 0, max }), span: fc.integer({ min: 0, max }) }, { requiredKeys: [] })
    .map(({ [least]: from, span }) => ({
      ...(from === undefined ? {} : { [least]: from }),
      ...(span === undefined ? {} : { [most]: (from ?? 0) + span }),
    }));

/** Any schema that can be declared, two levels deep. */
const { schema } = fc.letrec<{ schema: ValueSchema; leaf: ValueSchema }>((tie) => ({
  leaf: fc.constantFrom('number', 'integer', 'string', 'boolean', 'date-time', 'any').chain((type) => {
    const limits: Arbitrary<object> =
      type === 'number' || type === 'integer'
        ? range('minimum', 'maximum', 10)
        : type === 'string'
          ? range('minLength', 'maxLength', 10)
          : fc.constantFrom({});
    return fc
      .record({ limits, nullable: fc.boolean() })
      .map(({ limits: given, nullable }) => ({ type, nullable, ...given }) as ValueSchema);
  }),
  schema: fc.constantFrom('leaf', 'array', 'object').chain((kind): Arbitrary<ValueSchema> => {
    switch (kind) {
      case 'array':
        return fc.record({ items: tie('leaf'), limits: range('minItems', 'maxItems', 5) }).map(({ items, limits }) => ({
          type: 'array',
          items,
          ...limits,
        }));
      case 'object':
        return fc.dictionary(fc.constantFrom('a', 'b c', 'constructor', 'toString'), tie('leaf')).map((properties) => ({
          type: 'object',
          properties,
        }));
      default:
        return tie('leaf');
    }
  }),
}));

describe('the sample of a schema', () => {
  it('fits the schema, whatever it is, also after a trip through JSON', () => {
    fc.assert(
      fc.property(schema, (given) => {
        checkValueSchema(given, 'schema');
        const sample: unknown = JSON.parse(JSON.stringify(sampleValue(given)));
        compileValue(given)(sample, []);
      }),
    );
  });
});

describe('a value that does not fit', () => {
  it('is told by place and kind, and the value that came is not changed', () => {
    fc.assert(
      fc.property(
        schema,
        fc.constantFrom<unknown>(null, 1.5, -1, 'x', true, [], [[[]]], {}, { a: { b: 1 } }),
        (given, value) => {
          const before = JSON.stringify(value);
          try {
            compileValue(given)(value, []);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
          expect(JSON.stringify(value)).toBe(before);
        },
      ),
    );
  });
});
