import { inspect } from 'node:util';
import { REDACTED } from '@azureml-ts/common';

/** The two keys of a service. They are masked when the object is printed or turned into JSON: read the fields. */
export interface ServiceKeys {
  /** The key that clients use. */
  readonly primaryKey: string;
  /** The other key, for changing keys without an interruption. */
  readonly secondaryKey: string;
}

/** A token for scoring. It is masked when the object is printed or turned into JSON: read the field. */
export interface ServiceToken {
  /** The token, for `Authorization: Bearer <accessToken>`. */
  readonly accessToken: string;
  /** Kind of the token: `Bearer`. */
  readonly tokenType: string;
  /** When to ask for a new one. */
  readonly refreshAfter: Date;
  /** When it ends. */
  readonly expiryOn: Date;
}

/**
 * Makes an object whose secret fields can be read, but show neither in `console.log` nor in JSON.
 *
 * @param fields The fields.
 * @param secrets Names of those that are secret.
 */
export function hideWhenShown<T extends object>(fields: T, secrets: readonly (keyof T)[]): T {
  const masked = () => ({ ...fields, ...Object.fromEntries(secrets.map((name) => [name, REDACTED])) });
  return Object.freeze(
    Object.defineProperties(
      { ...fields },
      {
        toJSON: { value: masked },
        [inspect.custom]: { value: (_depth: number, options: object) => inspect(masked(), options) },
      },
    ),
  ) as T;
}
