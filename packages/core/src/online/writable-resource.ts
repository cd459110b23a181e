import { isJsonObject, type JsonObject } from '../azure/json-object.ts';

// Source: `readOnly` and `x-ms-mutability` in the specification of 2024-04-01; `keys` is always answered as null.
const READ_ONLY = ['id', 'name', 'type', 'systemData'];
const READ_ONLY_PROPERTIES = ['provisioningState', 'scoringUri', 'swaggerUri', 'keys'];
const READ_ONLY_IDENTITY = ['principalId', 'tenantId'];
const READ_ONLY_USER_IDENTITY = ['principalId', 'clientId'];

/**
 * The part of an endpoint or deployment that may be sent: all but the read-only fields, unknown fields included, in the
 * same order.
 *
 * @param resource As the service answered it; stays as it is.
 */
export function writablePart(resource: JsonObject): JsonObject {
  return changed(without(resource, READ_ONLY), {
    properties: (properties) => without(properties, READ_ONLY_PROPERTIES),
    identity: (identity) =>
      changed(without(identity, READ_ONLY_IDENTITY), {
        userAssignedIdentities: (identities) =>
          Object.fromEntries(
            Object.entries(identities).map(([id, value]) => [
              id,
              isJsonObject(value) ? without(value, READ_ONLY_USER_IDENTITY) : value,
            ]),
          ),
      }),
  });
}

/**
 * What two readings are compared by to see whether somebody changed the resource: not what changes by itself, which is
 * how far the service is, who wrote last, and how many instances an autoscaler runs.
 *
 * @param resource As the service answered it; stays as it is.
 */
export function comparablePart(resource: JsonObject): JsonObject {
  return changed(without(resource, ['systemData']), {
    properties: (properties) => without(properties, ['provisioningState']),
    sku: (sku) => without(sku, ['capacity']),
  });
}

/** A copy without some fields. */
export function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** A copy in which some fields that are objects are changed, each in its place. */
function changed(object: JsonObject, changes: Record<string, (value: JsonObject) => JsonObject>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const change = Object.hasOwn(changes, name) ? changes[name] : undefined;
      return [name, change !== undefined && isJsonObject(value) ? change(value) : value];
    }),
  );
}
