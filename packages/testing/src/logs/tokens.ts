import { randomUUID } from 'node:crypto';

const VALID_MS = 3_600_000;

/** Tokens that the stand-in handed out. @internal */
export class LogsTokens {
  readonly scopes: string[] = [];
  readonly #tokens = new Set<string>();
  readonly credential = {
    getToken: (scopes: string | string[]) => {
      this.scopes.push(...[scopes].flat());
      return Promise.resolve({ token: this.issue(), expiresOnTimestamp: Date.now() + VALID_MS });
    },
  };

  /** A token of the form that Azure's have: readers look at its expiry. */
  issue(): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const seconds = Math.floor(Date.now() / 1000);
    const claims = {
      aud: 'https://api.loganalytics.io',
      iat: seconds,
      exp: seconds + VALID_MS / 1000,
      jti: randomUUID(),
    };
    const token = `${part({ typ: 'JWT', alg: 'none' })}.${part(claims)}.c2lnbmF0dXJl`;
    this.#tokens.add(token);
    return token;
  }

  isKnown(authorization: string | undefined): boolean {
    return this.#tokens.has(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  }
}
