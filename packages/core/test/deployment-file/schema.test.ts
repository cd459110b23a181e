import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentSchema } from '../../src/deployment-file/json-schema.ts';

type Schema = Record<string, unknown>;
const FILE = join(__dirname, '../../deployment.schema.json');

/** As much of a JSON schema validator as this schema needs. */
function isValid(value: unknown, schema: Schema, root: Schema): boolean {
  const valid = (inner: unknown, other: unknown) => isValid(inner, other as Schema, root);
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
  const type = Array.isArray(value) ? 'array' : object ? 'object' : Number.isInteger(value) ? 'integer' : typeof value;
  const types = [schema['type'] ?? []].flat();
  const { properties = {}, additionalProperties } = schema as { properties?: Schema; additionalProperties?: unknown };
  return [
    schema['$ref'] === undefined ||
      valid(value, (root['definitions'] as Schema)[String(schema['$ref']).split('/').at(-1) ?? '']),
    types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number')),
    schema['const'] === undefined || schema['const'] === value,
    schema['enum'] === undefined || (schema['enum'] as unknown[]).includes(value),
    typeof value !== 'string' || new RegExp(String(schema['pattern'] ?? '')).test(value),
    typeof value !== 'number' || value >= Number(schema['minimum'] ?? value),
    typeof value !== 'number' || value <= Number(schema['maximum'] ?? value),
    schema['anyOf'] === undefined || (schema['anyOf'] as Schema[]).some((one) => valid(value, one)),
    schema['if'] === undefined || valid(value, valid(value, schema['if']) ? schema['then'] : (schema['else'] ?? {})),
    !Array.isArray(value) || value.every((item) => valid(item, schema['items'] ?? {})),
    object === undefined || ((schema['required'] ?? []) as string[]).every((key) => Object.hasOwn(object, key)),
    object === undefined ||
      Object.entries(object).every(([key, inner]) =>
        Object.hasOwn(properties, key)
          ? valid(inner, properties[key])
          : additionalProperties !== false &&
            (typeof additionalProperties !== 'object' || valid(inner, additionalProperties)),
      ),
  ].every(Boolean);
}

const code_configuration = { scoring_script: 's.mjs' };
const online = { endpoint_name: 'ep1', code_configuration };

describe('the JSON schema of a deployment file', () => {
  const schema = JSON.parse(readFileSync(FILE, 'utf8')) as Schema;

  it('is that of the keys; write it anew with json-schema.ts after a change', () => {
    expect(schema).toEqual(deploymentSchema());
  });

  it.each([
    [online],
    [{ ...online, instance_count: 2, data_collector: true, traffic: { blue: 100 } }],
    [{ ...online, instance_count: `\${{ env.COUNT }}`, primary_key: `\${{ env.KEY }}` }],
    [{ type: 'aks', name: 'svc', num_replicas: 2, compute: 'aks1', model: { name: 'm', version: 1 } }],
    [{ type: 'local', name: 'svc', code_configuration, port: 5001 }],
    [{ ...online, environment: 'azureml:net:3' }],
    [{ ...online, environment: { build: { path: 'docker', dockerfile_path: 'Dockerfile' } } }],
  ])('takes %j', (value) => {
    expect(isValid(value, schema, schema)).toBe(true);
  });

  it.each([
    [{}],
    [{ ...online, instance_typ: 'x' }],
    [{ ...online, instance_count: 0 }],
    [{ ...online, primary_key: 'in the open' }],
    [{ ...online, num_replicas: 2 }],
    [{ ...online, type: 'gpu' }],
    [{ type: 'aks', ...online }],
    [{ ...online, data_collector: { collections: { a: { sampling_rate: 2 } } } }],
    [{ ...online, environment: { image: 'a', conda_file: 'conda.yml' } }],
  ])('refuses %j', (value) => {
    expect(isValid(value, schema, schema)).toBe(false);
  });
});
