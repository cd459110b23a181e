import { defineSchema, withSchema } from '../../src/index.ts';
import { compileValues } from '../../src/schema/read-value.ts';
import { running } from '../running.ts';

const schema = defineSchema({
  inputs: {
    data: {
      type: 'array',
      items: { type: 'array', items: { type: 'number' }, columns: ['age', 'bmi'] },
      sample: [[1, 2]],
    },
    kind: { type: 'string', enum: ['a', 'b'], nullable: true, optional: true, description: 'Which.' },
    at: { type: 'date-time', optional: true },
    n: { type: 'integer', minimum: 1, default: 3 },
  },
  outputs: { type: 'array', items: { type: 'number' }, minItems: 1 },
});

/** A document whose parts are looked at by name. */
interface Json {
  readonly [name: string]: Json;
}

async function document(version: string | undefined, withIt = true): Promise<Json> {
  await using server = await running(withIt ? withSchema(schema, () => 1) : () => 1);
  const query = version === undefined ? '' : `?version=${version}`;
  const response = await fetch(`${server.server.url}/swagger.json${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return response.json() as Promise<Json>;
}

/** Every `$ref` of a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => (name === '$ref' ? [String(item)] : references(item)));
}

function at(root: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
}

describe('/swagger.json', () => {
  it.each([
    [undefined, 'swagger', '2.0'],
    ['2', 'swagger', '2.0'],
    ['3', 'openapi', '3.0.3'],
    ['3.1', 'openapi', '3.1.0'],
  ])('of version %p is %s %s, and what it refers to is there', async (version, field, text) => {
    for (const withIt of [true, false]) {
      const root = await document(version, withIt);
      expect(root[field]).toBe(text);
      const found = references(root);
      expect(found.length).toBeGreaterThan(3);
      for (const reference of found) {
        expect([reference, typeof at(root, reference)]).toEqual([reference, 'object']);
      }
      expect(at(root, '#/paths')).toMatchObject({
        '/': { get: { operationId: 'ServiceHealthCheck' } },
        '/score': { post: { operationId: 'RunMLService' } },
      });
    }
  });

  it('describes the inputs and the output as each version says it', async () => {
    const [two, three, later] = [await document('2'), await document('3'), await document('3.1')];
    const input = (root: Json) =>
      at(
        root,
        root['openapi'] === undefined ? '#/definitions/ServiceInput' : '#/components/schemas/ServiceInput',
      ) as Json;
    expect(input(two)).toEqual({
      type: 'object',
      required: ['data'],
      properties: {
        data: {
          type: 'array',
          items: {
            type: 'array',
            items: { type: 'number', format: 'double' },
            minItems: 2,
            maxItems: 2,
            'x-columns': ['age', 'bmi'],
          },
          example: [[1, 2]],
        },
        kind: { type: 'string', 'x-nullable': true, enum: ['a', 'b'], description: 'Which.' },
        at: { type: 'string', format: 'date-time' },
        n: { type: 'integer', format: 'int64', minimum: 1, default: 3 },
      },
      example: { data: [[1, 2]], kind: 'a', at: '2026-01-02T03:04:05Z', n: 3 },
    });
    expect(at(input(three), '#/properties/kind')).toMatchObject({
      type: 'string',
      nullable: true,
      enum: ['a', 'b', null],
    });
    expect(at(input(later), '#/properties/kind')).toMatchObject({ type: ['string', 'null'], enum: ['a', 'b', null] });
    expect(input(later)['examples']).toEqual([input(two)['example']]);
    expect(at(two, '#/definitions/ServiceOutput')).toEqual({
      type: 'array',
      items: { type: 'number', format: 'double' },
      minItems: 1,
      example: [0],
    });
  });

  it('shows a request that the server takes', async () => {
    const root = await document('2');
    expect(() =>
      compileValues(schema.inputs)(at(root, '#/definitions/ServiceInput/example') as object, []),
    ).not.toThrow();
  });

  it('names the service by SERVICE_NAME and SERVICE_VERSION', async () => {
    expect((await document('2'))['info']).toMatchObject({ title: 'ML service', version: '1.0' });
    process.env['SERVICE_NAME'] = 'loans';
    process.env['SERVICE_VERSION'] = '7';
    try {
      expect((await document('3'))['info']).toMatchObject({ title: 'loans', version: '7' });
    } finally {
      delete process.env['SERVICE_NAME'];
      delete process.env['SERVICE_VERSION'];
    }
  });

  it('of another version is 404 and names those there are', async () => {
    await using server = await running(() => 1);
    for (const version of ['4', '', 'toString']) {
      const response = await fetch(`${server.server.url}/swagger.json?version=${version}`);
      expect([response.status, await response.json()]).toEqual([
        404,
        { message: expect.stringContaining('2, 3, 3.1') },
      ]);
    }
  });
});
