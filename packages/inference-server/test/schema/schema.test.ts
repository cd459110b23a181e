import { isAzuremlError } from '@azureml-ts/common';
import { collectorFeatures, defineSchema, type InputsOf, type SchemaDefinition, withSchema } from '../../src/index.ts';
import { running } from '../running.ts';

const schema = defineSchema({
  inputs: {
    data: { type: 'array', items: { type: 'array', items: { type: 'number' }, columns: ['age', 'bmi'] } },
    method: { type: 'string', enum: ['predict', 'explain'], default: 'predict' },
    at: { type: 'date-time', optional: true },
    who: { type: 'object', nullable: true, optional: true, properties: { id: { type: 'integer', minimum: 1 } } },
  },
  outputs: { type: 'array', items: { type: 'number' } },
});

const JSON_TYPE = { 'content-type': 'application/json' };

async function started(seen: unknown[] = []) {
  const server = await running(
    withSchema(schema, (inputs) => {
      seen.push(inputs);
      return inputs.data.length;
    }),
  );
  const post = async (body: string, headers: Record<string, string> = JSON_TYPE) => {
    const response = await server.post(body, headers);
    return [response.status, await response.json()] as const;
  };
  return { ...server, post };
}

describe('a function with a schema', () => {
  it('gets its inputs by name, with defaults, and nothing else', async () => {
    const seen: unknown[] = [];
    const { post, server } = await started(seen);
    await post('{"data": [[1, 2.5]]}');
    await post('{"data": [], "method": "explain", "at": "2026-01-02T03:04:05+01:00", "who": null, "more": 1}');
    await post('{"data": [], "who": {"id": 7, "more": 1}}');
    expect(seen).toEqual([
      { data: [[1, 2.5]], method: 'predict' },
      { data: [], method: 'explain', at: new Date('2026-01-02T02:04:05Z'), who: null },
      { data: [], method: 'predict', who: { id: 7 } },
    ]);
    await server.close();
  });

  it.each<[body: string, message: string]>([
    ['{"data": [[1, "2"]]}', 'data[0][1] must be a finite number, but is a string.'],
    ['{"data": [[1]]}', 'data[0] must have exactly 2 items, but has 1.'],
    ['{"data": 5}', 'data must be an array, but is an integer.'],
    ['{"data": [[1, null]]}', 'data[0][1] must be a finite number, but is null.'],
    ['{"data": [[1, 1e999]]}', 'data[0][1] must be a finite number, but is too large a number.'],
    ['{"data": [], "method": "x"}', 'method must be one of "predict", "explain".'],
    ['{"data": [], "at": "2026-01-02"}', 'at must be a moment of ISO 8601'],
    ['{"data": [], "at": "2026-13-02T00:00:00Z"}', 'at must be a moment of ISO 8601'],
    ['{"data": [], "who": {"id": 0}}', 'who.id must be at least 1.'],
    [
      '{"data": [], "who": {"id": 1.5}}',
      'who.id must be an integer that JSON numbers hold exactly, but is a fraction.',
    ],
    ['{"data": [], "who": {"id": 9007199254740993}}', 'who.id must be an integer that JSON numbers hold exactly'],
    ['{"data": [], "who": {}}', 'who.id is missing.'],
    ['{}', 'data is missing.'],
    ['{"__proto__": {"data": []}}', 'data is missing.'],
    ['[1]', 'The body must be a JSON object with the inputs, but is an array.'],
    ['"secret"', 'The body must be a JSON object with the inputs, but is a string.'],
    ['{"data": secret}', 'The body is not valid JSON'],
    ['{"data": [1', 'The body is not valid JSON'],
    ['', 'The body is empty.'],
    [' ', 'The body is empty.'],
  ])('refuses %p', async (body, message) => {
    const seen: unknown[] = [];
    const { post, server } = await started(seen);
    const [status, answer] = await post(body);
    expect([status, answer]).toEqual([400, { message: expect.stringContaining(message) }]);
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(seen).toEqual([]);
    await server.close();
  });

  it('takes JSON only, and says so with 415', async () => {
    const { post, server } = await started();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'json']) {
      expect([type, (await post('{"data": []}', { 'content-type': type }))[0]]).toEqual([type, 415]);
    }
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.a.b+json']) {
      expect([type, (await post('{"data": []}', { 'content-type': type }))[0]]).toEqual([type, 200]);
    }
    await server.close();
  });

  it('gets its inputs from the query of GET', async () => {
    const seen: unknown[] = [];
    const { server } = await started(seen);
    const ask = async (query: string) => (await fetch(`${server.url}/score?${query}`)).status;
    expect(await ask(`data=${encodeURIComponent('[[1,2]]')}&method=explain&at=2026-01-02T03:04:05Z`)).toBe(200);
    expect(await ask('data=5')).toBe(400);
    expect(seen).toEqual([{ data: [[1, 2]], method: 'explain', at: new Date('2026-01-02T03:04:05Z') }]);
    await server.close();
  });

  it('counts the characters of a text, not the halves of those outside the basic plane', async () => {
    const short = defineSchema({ inputs: { text: { type: 'string', minLength: 2, maxLength: 3 } } });
    await using server = await running(withSchema(short, ({ text }) => text));
    const ask = async (text: string) => (await server.post(JSON.stringify({ text }), JSON_TYPE)).json();
    expect(await ask('\u{1f600}\u{1f600}\u{1f600}')).toBe('\u{1f600}\u{1f600}\u{1f600}');
    expect(await ask('\u{1f600}')).toEqual({ message: 'text must have at least 2 characters, but has 1.' });
    expect(await ask('a\u{1f600}bc')).toEqual({ message: 'text must have at most 3 characters, but has 4.' });
  });

  it.each([
    ['{"free": 1e400}', 'free must'],
    ['{"free": {"a": [0, -1e400]}}', 'free.a[1] must'],
    ['{"free": 1, "open": {"b": 1e400}}', 'open.b must'],
  ])('refuses %s: a number that is too large for JavaScript, where anything may stand', async (body, place) => {
    const free = defineSchema({ inputs: { free: { type: 'any' }, open: { type: 'object', optional: true } } });
    await using server = await running(withSchema(free, (inputs) => inputs));
    const response = await server.post(body, JSON_TYPE);
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: `${place} be a finite number, but is too large a number.` },
    ]);
  });

  it('takes a number of a query as one of a body, where it declares a number', async () => {
    const numbers = defineSchema({ inputs: { n: { type: 'number' } } });
    await using server = await running(withSchema(numbers, ({ n }) => n));
    const ask = async (n: string) => (await fetch(`${server.server.url}/score?n=${n}`)).json();
    expect(await ask('0.10000000000000000001')).toBe(0.1);
    expect(await ask('1e400')).toEqual({ message: 'n must be a finite number, but is too large a number.' });
  });

  it('keeps texts of a query that look like something else', async () => {
    const texts = defineSchema({ inputs: { id: { type: 'string', nullable: true } } });
    await using server = await running(withSchema(texts, ({ id }) => [id]));
    const ask = async (id: string) => (await fetch(`${server.server.url}/score?id=${id}`)).json();
    expect([await ask('007'), await ask('true'), await ask('%22a%22'), await ask('null'), await ask('%22')]).toEqual([
      ['007'],
      ['true'],
      ['a'],
      [null],
      ['"'],
    ]);
  });

  it('is not changed by names that have a meaning in JavaScript', async () => {
    const odd = defineSchema({
      inputs: { constructor: { type: 'string' }, free: { type: 'any' }, toString: { type: 'number', optional: true } },
    });
    await using server = await running(
      withSchema(odd, (inputs) => [
        Object.keys(inputs),
        Object.getPrototypeOf(inputs) === Object.prototype,
        ({} as { polluted?: unknown }).polluted ?? 'clean',
      ]),
    );
    const body = '{"__proto__": {"polluted": 1}, "constructor": "a", "free": {"__proto__": {"polluted": 1}}}';
    expect(await (await server.post(body, JSON_TYPE)).json()).toEqual([['constructor', 'free'], true, 'clean']);
    const missing = await server.post('{"free": 1}', JSON_TYPE);
    expect([missing.status, await missing.json()]).toEqual([400, { message: 'constructor is missing.' }]);
  });

  it('does not hand a changed default to the next request', async () => {
    const list = defineSchema({ inputs: { list: { type: 'array', items: { type: 'number' }, default: [] } } });
    await using server = await running(
      withSchema(list, (inputs) => {
        inputs.list.push(1);
        return inputs.list.length;
      }),
    );
    await server.post('{}', JSON_TYPE);
    expect(await (await server.post('{}', JSON_TYPE)).json()).toBe(1);
  });

  it('refuses what is nested too deeply instead of running out of stack', async () => {
    const { post, server } = await started();
    const [status] = await post(`{"data": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    expect(status).toBe(400);
    await server.close();
  });

  it('can be called as a function, in a test of its own', () => {
    const run = withSchema(schema, ({ data }, headers) => [data.length, headers['x-a']]);
    const inputs: InputsOf<typeof schema> = { data: [[1, 2]], method: 'predict' };
    expect(run(inputs, { 'x-a': 'b' })).toEqual([1, 'b']);
  });
});

describe('defineSchema', () => {
  it.each<[definition: unknown, path: string]>([
    [null, 'schema'],
    [{ inputs: {}, output: {} }, 'schema.output'],
    [{ inputs: {} }, 'inputs'],
    [{ inputs: [] }, 'inputs'],
    [{ inputs: JSON.parse('{"__proto__": {"type": "any"}}') }, 'inputs'],
    [{ inputs: { a: 5 } }, 'inputs.a'],
    [{ inputs: { a: { type: 'float' } } }, 'inputs.a.type'],
    [{ inputs: { a: { type: 'toString' } } }, 'inputs.a.type'],
    [{ inputs: { a: { type: 'number', minimun: 1 } } }, 'inputs.a.minimun'],
    [{ inputs: { a: { type: 'object', required: ['a'] } } }, 'inputs.a.required'],
    [{ inputs: { a: { type: 'array' } } }, 'inputs.a.items'],
    [{ inputs: { a: { type: 'array', items: { type: 'x' } } } }, 'inputs.a.items.type'],
    [{ inputs: { a: { type: 'array', items: { type: 'any' }, columns: ['a', 'a'] } } }, 'inputs.a.columns'],
    [{ inputs: { a: { type: 'array', items: { type: 'any' }, columns: ['a'], minItems: 1 } } }, 'inputs.a.columns'],
    [{ inputs: { a: { type: 'number', minimum: 2, maximum: 1 } } }, 'inputs.a.minimum'],
    [{ inputs: { a: { type: 'number', default: 'x' } } }, 'inputs.a.default'],
    [{ inputs: { a: { type: 'integer', sample: 1.5 } } }, 'inputs.a.sample'],
    [{ inputs: { 'a b': { type: 'x' } } }, 'inputs["a b"].type'],
    [{ inputs: { a: { type: 'any' } }, outputs: { type: 'x' } }, 'outputs.type'],
  ])('refuses %j', (definition, path) => {
    let caught: unknown;
    try {
      defineSchema(definition as SchemaDefinition);
    } catch (error) {
      caught = error;
    }
    expect(isAzuremlError(caught, 'VALIDATION') && caught.details['path']).toBe(path);
  });

  it('says how JSON Schema is said here', () => {
    const definition = { inputs: { a: { type: 'object', required: ['b'] } } };
    expect(() => defineSchema(definition as unknown as SchemaDefinition)).toThrow('optional: true');
  });
});

describe('collectorFeatures', () => {
  it('makes columns of rows, of records, of single values and of one row', () => {
    expect(collectorFeatures(schema.inputs.data)).toEqual([
      { name: 'age', type: 'float64' },
      { name: 'bmi', type: 'float64' },
    ]);
    expect(collectorFeatures(schema.outputs, { name: 'score' })).toEqual([{ name: 'score', type: 'float64' }]);
    const properties = {
      n: { type: 'integer' },
      b: { type: 'boolean' },
      s: { type: 'string' },
      e: { type: 'string', enum: ['x'] },
      t: { type: 'date-time', nullable: true },
    } as const;
    const expected = [
      { name: 'n', type: 'int64' },
      { name: 'b', type: 'boolean' },
      { name: 's', type: 'string' },
      { name: 'e', type: 'enum', values: ['x'] },
      { name: 't', type: 'timestamp' },
    ];
    expect(collectorFeatures({ type: 'array', items: { type: 'object', properties } })).toEqual(expected);
    expect(collectorFeatures({ type: 'object', properties })).toEqual(expected);
  });

  it('refuses what is no row', () => {
    const nested = { type: 'array', items: { type: 'array', items: { type: 'number' } } } as const;
    expect(() => collectorFeatures(nested)).toThrow('has no columns');
    expect(() => collectorFeatures({ type: 'any' })).toThrow('no column');
    expect(() => collectorFeatures({ type: 'object', properties: { a: { type: 'object', properties: {} } } })).toThrow(
      'schema.properties.a is of the type object',
    );
  });
});
