import type { Exchange } from './exchange.ts';
import type { Places } from './placeholders.ts';
import { readScenario, scenarioEntries } from './scenario-file.ts';
import { UnreadableCase } from './strict.ts';

type Resource = Readonly<Record<string, unknown>>;

const COMPUTE_TYPES: Readonly<Record<string, string>> = {
  AksWebservice: 'AKS',
  AciWebservice: 'ACI',
  AksEndpoint: 'AKSENDPOINT',
};

/** What words about a service say of its resource. */
const WORDS: readonly (readonly [words: RegExp, fits: (resource: Resource, value: number) => boolean])[] = [
  [/^on key-auth service$/, (resource) => resource['authEnabled'] === true && resource['aadAuthEnabled'] !== true],
  [/^on token-auth service$/, (resource) => resource['aadAuthEnabled'] === true],
  [/^on no-auth service$/, (resource) => resource['authEnabled'] !== true && resource['aadAuthEnabled'] !== true],
  [/^on (?:service|any service)$/, () => true],
  [/^cpu ([\d.]+)$/, (resource, value) => requirement(resource, 'cpu') === value],
  [/^memory ([\d.]+)$/, (resource, value) => requirement(resource, 'memoryInGB') === value],
  [/^cpu limit ([\d.]+)$/, (resource, value) => requirement(resource, 'cpuLimit') === value],
  [/^memory limit ([\d.]+)$/, (resource, value) => requirement(resource, 'memoryInGBLimit') === value],
  [/^num_replicas ([\d.]+)$/, (resource, value) => resource['numReplicas'] === value],
];

/**
 * Finds the recorded reading of a service by words such as `on key-auth service, cpu 0.1, memory 0.5`: the first one that
 * fits, one that does not scale by itself before one that does.
 *
 * @param requests requests.json.
 * @param kind Our class of the service.
 * @param words What is said of it.
 */
export function recordedService(requests: unknown, kind: string, words: string, places: Places): Exchange {
  const tests = words.split(/,\s*/).map((part) => {
    for (const [pattern, fits] of WORDS) {
      const match = pattern.exec(part.trim());
      if (match !== null) {
        return (resource: Resource) => fits(resource, Number(match[1]));
      }
    }
    throw new UnreadableCase(`it speaks of a service in words that this runner does not know: ${part}`);
  });
  const fitting = scenarioEntries(requests)
    .flatMap(([name, entry]) => readings(name, entry, places))
    .filter(({ answer }) => {
      const resource = answer.json as Resource;
      return resource['computeType'] === COMPUTE_TYPES[kind] && tests.every((test) => test(resource));
    });
  const found = fitting.find(({ answer }) => !scales(answer.json as Resource)) ?? fitting[0];
  if (found === undefined) {
    throw new UnreadableCase(`no recording shows a service of the class ${kind}: ${words}`);
  }
  return found;
}

function readings(name: string, entry: unknown, places: Places): Exchange[] {
  try {
    return readScenario(name, entry, places).requests.filter(
      ({ method, path, answer }) =>
        method === 'GET' && /\/services\/[^/]+$/.test(path) && answer.status === 200 && typeof answer.json === 'object',
    );
  } catch (error) {
    if (error instanceof UnreadableCase) {
      return []; // It fails as a case of its own.
    }
    throw error;
  }
}

function scales(resource: Resource): boolean {
  return (resource['autoScaler'] as Resource | undefined)?.['autoscaleEnabled'] === true;
}

function requirement(resource: Resource, name: string): unknown {
  return (resource['containerResourceRequirements'] as Resource | undefined)?.[name];
}
