import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { asJsonObject, type JsonObject, valueAt } from '../azure/json-object.ts';
import { INVALID_HINT } from '../azure/request-failure.ts';
import { hideWhenShown, type ServiceKeys, type ServiceToken } from '../webservice/service-keys.ts';
import type { KeyName, LogContainer } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type BegunOperation, begunOperation } from './classic-operation.ts';
import { callModelManagement, noSuchService, servicePath } from './model-management.ts';

/** Reads a service. @throws {@link WebserviceNotFoundError} */
export async function fetchService(workspace: Workspace, name: string, options: WaitOptions): Promise<JsonObject> {
  const what = `Reading the service "${name}"`;
  const { json } = await callModelManagement(workspace, {
    ...limits(options),
    method: 'GET',
    path: servicePath(name),
    query: { expand: 'true' },
    hasContentType: true,
    what,
    notFound: noSuchService(workspace),
  });
  return asJsonObject(json, `${what}: the answer`);
}

/** Reads the last lines of a container's log. */
export async function fetchLogs(
  workspace: Workspace,
  name: string,
  numLines: number,
  container: LogContainer,
  options: WaitOptions,
): Promise<string> {
  const what = `Reading the logs of "${name}"`;
  const answer = await callModelManagement(workspace, {
    ...limits(options),
    method: 'GET',
    path: servicePath(name, 'logs'),
    // The service was written for Python's words.
    query: { tail: String(numLines), init: container === 'storage-initializer' ? 'True' : 'False' },
    hasContentType: true,
    what,
    notFound: {
      code: 'WEBSERVICE_NOT_FOUND',
      hint: 'The service is not there, or has no container yet that logs; call refresh() and read the state.',
    },
  });
  const content = valueAt(answer.json, 'content');
  if (content === null) {
    return '';
  }
  if (typeof content !== 'string') {
    throw invalid(`${what} got an answer without content`, answer);
  }
  return content;
}

/** Reads the keys. */
export async function fetchKeys(workspace: Workspace, name: string, options: WaitOptions): Promise<ServiceKeys> {
  const what = `Reading the keys of "${name}"`;
  const answer = await callModelManagement(workspace, {
    ...limits(options),
    method: 'POST',
    path: servicePath(name, 'listkeys'),
    what,
    notFound: noSuchService(workspace),
  });
  const [primaryKey, secondaryKey] = ['primaryKey', 'secondaryKey'].map((field) => valueAt(answer.json, field));
  if (typeof primaryKey !== 'string' || typeof secondaryKey !== 'string') {
    throw invalid(
      `${what} got an answer without ${typeof primaryKey === 'string' ? 'secondaryKey' : 'primaryKey'}`,
      answer,
    );
  }
  return hideWhenShown<ServiceKeys>({ primaryKey, secondaryKey }, ['primaryKey', 'secondaryKey']);
}

/** Checks which key is to be made anew, and its value. @throws {@link ValidationError} `VALIDATION`. */
export function checkKey(key: unknown, keyValue: unknown): void {
  if (key !== 'primary' && key !== 'secondary') {
    throw new ValidationError({ path: 'key', expected: "'primary' or 'secondary'", received: key });
  }
  if (keyValue !== undefined && (typeof keyValue !== 'string' || keyValue === '')) {
    // The value is not quoted: it may be a key.
    throw new ValidationError({ path: 'keyValue', expected: 'a string that is not empty' });
  }
}

/** Makes a key anew. @returns The operation to wait for; `undefined` when it is done already. */
export async function startKeyChange(
  workspace: Workspace,
  name: string,
  key: KeyName,
  keyValue: string | undefined,
  options: WaitOptions,
): Promise<BegunOperation | undefined> {
  const what = `Making the ${key} key of "${name}" anew`;
  const answer = await callModelManagement(workspace, {
    ...limits(options),
    method: 'POST',
    path: servicePath(name, 'regenerateKeys'),
    body: { keyType: key === 'primary' ? 'Primary' : 'Secondary', keyValue: keyValue ?? null },
    ...(keyValue === undefined ? {} : { secrets: [keyValue] }),
    what,
    notFound: noSuchService(workspace),
  });
  return begunOperation(answer, what);
}

/** Fetches a token for scoring. */
export async function fetchToken(workspace: Workspace, name: string, options: WaitOptions): Promise<ServiceToken> {
  const what = `Fetching a token of "${name}"`;
  const answer = await callModelManagement(workspace, {
    ...limits(options),
    method: 'POST',
    path: servicePath(name, 'token'),
    what,
    notFound: noSuchService(workspace),
  });
  const [accessToken, tokenType, refreshAfter, expiryOn] = ['accessToken', 'tokenType', 'refreshAfter', 'expiryOn'].map(
    (field) => valueAt(answer.json, field),
  );
  const missing = [
    typeof accessToken === 'string' ? [] : ['accessToken'],
    typeof refreshAfter === 'number' ? [] : ['refreshAfter'],
    typeof expiryOn === 'number' ? [] : ['expiryOn'],
  ].flat();
  if (missing.length > 0) {
    throw invalid(`${what} got an answer without ${missing.join(', ')}`, answer);
  }
  return hideWhenShown<ServiceToken>(
    {
      accessToken: String(accessToken),
      tokenType: typeof tokenType === 'string' ? tokenType : 'Bearer',
      // Seconds since 1970.
      refreshAfter: new Date(Number(refreshAfter) * 1000),
      expiryOn: new Date(Number(expiryOn) * 1000),
    },
    ['accessToken'],
  );
}

/** The limits of a call's options, and nothing else of them. */
export function limits({ abortSignal, timeoutMs }: WaitOptions): WaitOptions {
  return { abortSignal, timeoutMs };
}

function invalid(
  what: string,
  { status, requestId }: { readonly status: number; readonly requestId: string | undefined },
): AzuremlError {
  return new AzuremlError('INVALID_ANSWER', `${what}. ${INVALID_HINT}`, { statusCode: status, requestId });
}
