/**
 * When a token ends, if it says so itself.
 *
 * @param token A JSON web token, or any other.
 * @returns Milliseconds since 1970, or `undefined`.
 */
export function jwtExpiry(token: string): number | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) {
    return undefined;
  }
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
