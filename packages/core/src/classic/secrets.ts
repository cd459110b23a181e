import { REDACTED } from '@azureml-ts/common';
import { isJsonObject } from '../azure/json-object.ts';

/** Fields of the classic service that hold secrets, wherever they stand. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['sslKey', 'primaryKey', 'secondaryKey', 'password']);

/**
 * A copy of plain JSON that nobody else holds, with what is secret masked.
 *
 * The service gives a service's private key in clear to whoever may read the service.
 *
 * @param value Plain JSON.
 */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (!isJsonObject(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_FIELDS.has(name) && typeof inner === 'string' && inner !== '' ? REDACTED : withoutSecrets(inner),
    ]),
  );
}
