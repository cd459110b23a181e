import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AzureExchange } from '../../src/index.ts';
import { issuesOf, SPECIFICATIONS } from './support.ts';

const STABLE = join(
  SPECIFICATIONS,
  'specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable',
);

interface Parameter {
  readonly in: string;
  readonly name: string;
}
interface Operation {
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly 'x-ms-examples': Readonly<Record<string, { readonly $ref: string }>>;
}
interface Specification {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

interface Case {
  readonly file: string;
  readonly exchanges: readonly Pick<AzureExchange, 'method' | 'url' | 'headers' | 'body' | 'answer'>[];
}

/** Every official example as a request with each of its answers. */
function examples(): Case[] {
  return globSync('*/*.json', { cwd: STABLE })
    .sort()
    .flatMap((specFile) => {
      const [version = ''] = specFile.split('/');
      const specification: Specification = JSON.parse(readFileSync(join(STABLE, specFile), 'utf8'));
      return Object.entries(specification.paths).flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([method, operation]) =>
          Object.values(operation['x-ms-examples'] ?? {}).map(({ $ref }) => ({
            file: `${version}/${$ref}`,
            exchanges: exchangesOf(specification, method, path, operation, join(STABLE, version, $ref)),
          })),
        ),
      );
    });
}

function exchangesOf(
  specification: Specification,
  method: string,
  path: string,
  operation: Operation,
  file: string,
): Case['exchanges'] {
  const { parameters, responses } = JSON.parse(readFileSync(file, 'utf8'));
  let url = `https://management.azure.com${path}`;
  const query = new URLSearchParams({ 'api-version': parameters['api-version'] });
  let body: unknown;
  for (const declared of operation.parameters) {
    const parameter =
      '$ref' in declared
        ? (specification.parameters[basename(declared.$ref)] ?? sharedParameter(declared.$ref))
        : declared;
    const value = parameters[parameter.name];
    if (parameter.in === 'path') {
      url = url.replace(`{${parameter.name}}`, value);
    } else if (parameter.in === 'query' && value !== undefined) {
      query.set(parameter.name, String(value));
    } else if (parameter.in === 'body') {
      body = value;
    }
  }
  return Object.entries(responses as Record<string, { body?: unknown; headers?: Record<string, string> }>).map(
    ([status, answer]) => ({
      method: method.toUpperCase(),
      url: `${url}?${query}`,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body,
      answer: {
        status: Number(status),
        headers: {
          ...(answer.body === undefined ? {} : { 'content-type': 'application/json' }),
          // The examples leave out headers that the specification demands.
          ...(status === '201' ? { 'azure-asyncoperation': 'https://management.azure.com/status' } : {}),
          ...(status === '202' ? { location: 'https://management.azure.com/result' } : {}),
          ...answer.headers,
        },
        body: answer.body,
      },
    }),
  );
}

function sharedParameter(ref: string): Parameter {
  const names: Record<string, Parameter> = {
    ApiVersionParameter: { in: 'query', name: 'api-version' },
    SubscriptionIdParameter: { in: 'path', name: 'subscriptionId' },
    ResourceGroupNameParameter: { in: 'path', name: 'resourceGroupName' },
    WorkspaceNameParameter: { in: 'path', name: 'workspaceName' },
    PaginationParameter: { in: 'query', name: '$skipToken' },
  };
  const found = names[basename(ref)];
  if (found === undefined) {
    throw new Error(`The parameter ${ref} is not known`);
  }
  return found;
}

describe('the official examples', () => {
  const cases = examples();

  it('are all there', () => {
    expect(new Set(cases.map(({ file }) => file)).size).toBe(85);
  });

  it('are as the specifications say, but for the secrets that those of data stores in 2022-10-01 leave out', async () => {
    const issues = await issuesOf(cases.flatMap(({ exchanges }) => exchanges));
    const [known, others] = [true, false].map((isKnown) =>
      issues.filter(
        ({ request, issue }) =>
          isKnown ===
          (/\/datastores.*api-version=2022-10-01/.test(request) &&
            issue.message === 'Missing required property: secrets'),
      ),
    );
    expect(others).toEqual([]);
    expect(known).toHaveLength(10);
  });

  it.each(
    cases.flatMap(({ file, exchanges }) => (exchanges.some(({ answer }) => answer.body !== undefined) ? [file] : [])),
  )('of %s is refused once a field of its answer has the wrong type', async (file) => {
    const { exchanges } = cases.find((entry) => entry.file === file) as Case;
    const spoilt = exchanges.map((exchange) => ({ ...exchange, answer: { ...exchange.answer, body: [] } }));
    expect((await issuesOf(spoilt)).some(({ issue }) => issue.where === 'response')).toBe(true);
  });
});
