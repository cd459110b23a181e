import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { plainCause } from '../azure/request-failure.ts';
import { hideWhenShown, type ServiceKeys, type ServiceToken } from '../webservice/service-keys.ts';
import type { KeyName } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { asNotFound, notFoundHint } from './online-api.ts';

/** How an endpoint lets requests in, in the words of the service. */
export type EndpointAuthMode = 'Key' | 'AMLToken' | 'AADToken' | (string & Record<never, never>);

/** Time that a Microsoft Entra token is taken to be too old before it ends. */
const REFRESH_BEFORE_MS = 5 * 60_000;

/** Reads the keys. Source: POST .../listKeys, 2022-10-01. */
export async function readKeys(workspace: Workspace, name: string, options: WaitOptions): Promise<ServiceKeys> {
  const answer = await call(workspace, name, 'Reading the keys', options, (client, callOptions) =>
    client.onlineEndpoints.listKeys(workspace.resourceGroup, workspace.workspaceName, name, callOptions),
  );
  const { primaryKey, secondaryKey } = answer;
  if (!isText(primaryKey) || !isText(secondaryKey)) {
    throw new AzuremlError(
      'INVALID_ANSWER',
      `The answer for the keys of online endpoint "${name}" lacks a key. Try again.`,
    );
  }
  return hideWhenShown({ primaryKey, secondaryKey }, ['primaryKey', 'secondaryKey']);
}

/** Reads a token of the workspace. Source: POST .../token, 2022-10-01. */
export async function readToken(workspace: Workspace, name: string, options: WaitOptions): Promise<ServiceToken> {
  const answer = await call(workspace, name, 'Reading a token', options, (client, callOptions) =>
    client.onlineEndpoints.getToken(workspace.resourceGroup, workspace.workspaceName, name, callOptions),
  );
  const { accessToken, tokenType = 'Bearer', expiryTimeUtc = 0, refreshAfterTimeUtc = 0 } = answer;
  if (!isText(accessToken)) {
    throw new AzuremlError(
      'INVALID_ANSWER',
      `The answer for a token of online endpoint "${name}" holds none. Try again.`,
    );
  }
  const expiryOn = new Date(expiryTimeUtc * 1000);
  return hideWhenShown(
    {
      accessToken,
      tokenType,
      refreshAfter: refreshAfterTimeUtc > 0 ? new Date(refreshAfterTimeUtc * 1000) : before(expiryOn),
      expiryOn,
    },
    ['accessToken'],
  );
}

/** A Microsoft Entra token of the workspace's credential, for scoring. */
export async function entraToken(workspace: Workspace, name: string, abortSignal: AbortSignal): Promise<ServiceToken> {
  const scope = workspace.cloud.scoringScope;
  const failed = (reason: string, cause?: unknown) =>
    new AzuremlError(
      'AUTHENTICATION_FAILED',
      `The credential gave no token (scope ${scope}) for online endpoint "${name}"${reason}. ` +
        'Sign in again (`az login`), or give the workspace another credential.',
      { cause },
    );
  let token: Awaited<ReturnType<typeof workspace.credential.getToken>>;
  try {
    token = await workspace.credential.getToken(scope, { abortSignal });
  } catch (error) {
    abortSignal.throwIfAborted();
    const { message } = plainCause(error);
    throw failed(`: ${message.replace(/\.$/, '')}`, plainCause(error));
  }
  if (token === null) {
    throw failed('');
  }
  const expiryOn = new Date(token.expiresOnTimestamp);
  const { refreshAfterTimestamp } = token;
  return hideWhenShown(
    {
      accessToken: token.token,
      tokenType: 'Bearer',
      refreshAfter: refreshAfterTimestamp === undefined ? before(expiryOn) : new Date(refreshAfterTimestamp),
      expiryOn,
    },
    ['accessToken'],
  );
}

/** Refuses what an endpoint's way of letting requests in does not have. Code `UNSUPPORTED_OPERATION`. */
export function wrongAuthMode(name: string, method: string, authMode: EndpointAuthMode | undefined): AzuremlError {
  const instead = authMode === 'Key' ? 'getKeys()' : 'getToken()';
  return new AzuremlError(
    'UNSUPPORTED_OPERATION',
    `${method}() is not there for online endpoint "${name}", because its authMode is ${authMode ?? 'not known'}. Use ${instead}.`,
    { details: { method, authMode: authMode ?? null } },
  );
}

/** Checks which key a caller means, and the value for it. */
export function checkKey(key: unknown, keyValue: unknown): KeyName {
  if (key !== 'primary' && key !== 'secondary') {
    throw new ValidationError({ path: 'key', expected: 'primary or secondary', received: key });
  }
  if (keyValue !== undefined && (typeof keyValue !== 'string' || keyValue === '')) {
    // The value is not quoted: it is a key.
    throw new ValidationError({ path: 'keyValue', expected: 'a text that is not empty, or left out' });
  }
  return key;
}

/** The service may write anything, whatever the types say. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function before(expiryOn: Date): Date {
  return new Date(expiryOn.getTime() - REFRESH_BEFORE_MS);
}

async function call<T>(
  workspace: Workspace,
  name: string,
  what: string,
  options: WaitOptions,
  send: Parameters<typeof workspace.azure.call<T>>[1],
): Promise<T> {
  const words = {
    what: `${what} of online endpoint "${name}"`,
    notFound: { code: 'WEBSERVICE_NOT_FOUND', hint: notFoundHint(workspace) },
  };
  try {
    return await workspace.azure.call<T>({ ...words, ...options }, send);
  } catch (error) {
    throw asNotFound(error);
  }
}
