import { REDACTED, redactSecrets } from '@azureml-ts/common';
import { isJsonObject } from '../azure/json-object.ts';
import { secretValues, shownVariables } from '../online/variables.ts';

/** Fields of the classic service that hold secrets, wherever they stand. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['sslKey', 'primaryKey', 'secondaryKey', 'password']);

/**
 * A copy of plain JSON that nobody else holds, with what is or may be secret masked: keys, the values of environment
 * variables, and signatures in addresses.
 *
 * The service gives a service's private key and environment variables in clear to whoever may read the service.
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
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shownField(name, inner)]));
}

/** Every text that {@link withoutSecrets} masks, to be masked in what the service says of it too. */
export function secretsIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(secretsIn);
  }
  return !isJsonObject(value)
    ? []
    : Object.entries(value).flatMap(([name, inner]) => {
        if (typeof inner === 'string') {
          return SECRET_FIELDS.has(name) && inner !== '' ? [inner] : [];
        }
        return name === 'environmentVariables' && isJsonObject(inner) ? secretValues(inner) : secretsIn(inner);
      });
}

function shownField(name: string, value: unknown): unknown {
  if (SECRET_FIELDS.has(name) && typeof value === 'string' && value !== '') {
    return REDACTED;
  }
  if (name === 'environmentVariables' && value !== null) {
    return isJsonObject(value) ? withoutSecrets(shownVariables(value)) : REDACTED;
  }
  // Where code and models lie: such an address may hold a signature.
  return name === 'url' && typeof value === 'string' ? redactSecrets(value) : withoutSecrets(value);
}
