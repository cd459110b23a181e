import type { Check } from './context.ts';
import { failedFinding, skipped } from './finding.ts';

const NAME = 'sign-in';

/** Whether a token can be got, of which tenant, and for whom. */
export const signInCheck: Check = {
  name: NAME,
  async look(context) {
    const { workspace } = context;
    if (workspace === undefined) {
      return [skipped(NAME, 'it is not known which workspace is meant')];
    }
    const { credentialScopes = `${workspace.azure.endpoint}/.default` } = workspace.clientOptions;
    const scopes = typeof credentialScopes === 'string' ? credentialScopes : [...credentialScopes];
    try {
      const token = await context.ask('Signing in', (abortSignal) =>
        workspace.credential.getToken(scopes, { abortSignal }),
      );
      if (token === null) {
        throw new Error('The credential gave no token.');
      }
      context.isSignedIn = true;
      return [
        { check: NAME, status: 'ok', message: `a token${whose(token.token)}, ${validity(token.expiresOnTimestamp)}` },
      ];
    } catch (error) {
      return [
        failedFinding(
          NAME,
          error,
          'Run az login, with --tenant when the workspace belongs to another tenant; in a build set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or sign in with a federated identity before.',
        ),
      ];
    }
  },
};

/** Until when a token is valid. One without an end of its own, given by hand for example, has a number that is no time. */
function validity(expiresOnTimestamp: number): string {
  const ends = new Date(expiresOnTimestamp);
  return Number.isNaN(ends.getTime()) ? 'which does not say when it ends' : `valid until ${ends.toISOString()}`;
}

/** Tenant and name in a token, which is not checked: it is only shown. */
function whose(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const text = (...names: readonly string[]) =>
      names.map((name) => claims[name]).find((value) => typeof value === 'string');
    const who = text('upn', 'unique_name', 'preferred_username', 'appid', 'oid');
    const tenant = text('tid');
    return `${tenant === undefined ? '' : ` of tenant ${tenant}`}${who === undefined ? '' : ` for ${who}`}`;
  } catch {
    return '';
  }
}
