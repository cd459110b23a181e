import { randomBytes, randomUUID } from 'node:crypto';

const VALID_MS = 3_600_000;
/** Belongs to nobody. */
const TENANT = '77777777-6666-5555-4444-333333333333';

/** What a token may be used for. @internal */
export type Audience = 'management' | 'scoring';

/** Keys and tokens that the stand-in made or was given. @internal */
export class SecretBook {
  readonly #secrets = new Set<string>();

  /** Remembers secrets; anything that is no text is passed over. */
  add(...values: readonly unknown[]): void {
    for (const value of values) {
      if (typeof value === 'string' && value !== '') {
        this.#secrets.add(value);
      }
    }
  }

  /** A key: letters and digits, 32 of them unless said otherwise. */
  newKey(length = 32): string {
    const key = randomBytes(length).toString('base64url').replace(/[-_]/g, 'x').slice(0, length);
    this.add(key);
    return key;
  }

  all(): readonly string[] {
    return [...this.#secrets];
  }
}

/** Hands out tokens and knows them again. @internal */
export class TokenIssuer {
  /** Scopes that were asked for, in order. */
  readonly requests: string[] = [];
  readonly #secrets: SecretBook;
  readonly #audiences = new Map<string, Audience>();

  constructor(secrets: SecretBook) {
    this.#secrets = secrets;
  }

  getToken(scopes: string | readonly string[]): { token: string; expiresOnTimestamp: number } {
    const scope = typeof scopes === 'string' ? scopes : scopes.join(' ');
    this.requests.push(scope);
    return this.issue(scope);
  }

  /** A token for a scope, outside of the list of requests. */
  issue(scope: string): { token: string; expiresOnTimestamp: number } {
    const expiresOnTimestamp = Date.now() + VALID_MS;
    const token = jwt({
      aud: scope.replace(/\/\.default$/, ''),
      tid: TENANT,
      exp: Math.floor(expiresOnTimestamp / 1000),
      jti: randomUUID(),
    });
    this.#secrets.add(token);
    this.#audiences.set(token, /^https:\/\/ml\.azure\.(com|cn|us)\b/.test(scope) ? 'scoring' : 'management');
    return { token, expiresOnTimestamp };
  }

  /** What a token was handed out for; `undefined` for one of somebody else. */
  audienceOf(authorization: string | undefined): Audience | undefined {
    const token = bearerOf(authorization);
    return token === undefined ? undefined : this.#audiences.get(token);
  }
}

/** The token of an `Authorization` header. @internal */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
}

/** What the answer to a missing or wrong token says. @internal */
export function challenge(error: string): Record<string, string> {
  return {
    'www-authenticate':
      `Bearer authorization_uri="https://login.microsoftonline.com/${TENANT}", ` +
      `error="invalid_token", error_description="${error}"`,
  };
}

/** Has the shape of a token, so that whatever looks for tokens finds it; the signature is random. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.${randomBytes(32).toString('base64url')}`;
}
