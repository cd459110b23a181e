import { isJsonObject, type JsonObject } from '../../azure/json-object.ts';
import type { FieldChange } from '../../webservice/update-report.ts';
import { isCollecting, withField } from '../data-collector.ts';
import { fieldChanges } from '../field-changes.ts';
import { durationMs } from '../iso-duration.ts';
import { without } from '../writable-resource.ts';

/** Maps that are the same only when nothing else is in them. */
const WHOLE = ['/tags', '/properties/environmentVariables', '/properties/scaleSettings'];

/**
 * In what a deployment that is there differs from the one that is wanted. What was not asked for, and what the service fills
 * in, is no difference; nor is a duration or an id in other words.
 *
 * @param before The deployment as the service answered it.
 * @param wanted The body that would make it.
 */
export function deploymentDifferences(before: JsonObject, wanted: JsonObject): FieldChange[] {
  return fieldChanges(before, expected(before, wanted));
}

function expected(before: JsonObject, wanted: JsonObject): JsonObject {
  const laid = laidOver(before, wanted, '') as JsonObject;
  const old = isJsonObject(before['properties']) ? before['properties'] : {};
  const next = isJsonObject(wanted['properties']) ? wanted['properties'] : {};
  let properties = isJsonObject(laid['properties']) ? laid['properties'] : {};
  if (next['dataCollector'] === undefined && isCollecting(old['dataCollector'])) {
    properties = without(properties, ['dataCollector']);
  }
  const collector = properties['dataCollector'];
  if (isJsonObject(next['dataCollector']) && isJsonObject(collector) && isJsonObject(collector['collections'])) {
    // Those that are left out go.
    const wantedOnes = isJsonObject(next['dataCollector']['collections']) ? next['dataCollector']['collections'] : {};
    const gone = Object.keys(collector['collections']).filter((name) => !Object.hasOwn(wantedOnes, name));
    const collections = without(collector['collections'], gone);
    properties = withField(properties, 'dataCollector', withField(collector, 'collections', collections));
  }
  if (next['model'] === undefined && typeof old['model'] === 'string') {
    properties = without(properties, ['model']);
  }
  return withField(laid, 'properties', properties);
}

function laidOver(before: unknown, wanted: unknown, path: string): unknown {
  if (isJsonObject(wanted) && isJsonObject(before) && !WHOLE.includes(path)) {
    let laid: JsonObject = before;
    for (const [name, value] of Object.entries(wanted)) {
      const old = Object.hasOwn(before, name) ? before[name] : undefined;
      const next = laidOver(old, value, `${path}/${name}`);
      laid = next === old ? laid : withField(laid, name, next);
    }
    return laid;
  }
  return isSame(before, wanted) ? before : wanted;
}

function isSame(before: unknown, wanted: unknown): boolean {
  if (typeof before !== 'string' || typeof wanted !== 'string') {
    // An empty map is as good as none.
    return before === undefined && isJsonObject(wanted) && Object.keys(wanted).length === 0;
  }
  const duration = durationMs(wanted);
  const isId = wanted.startsWith('/subscriptions/');
  return (
    (duration !== undefined && durationMs(before) === duration) ||
    (isId && before.toLowerCase() === wanted.toLowerCase())
  );
}
