import { createLogger, endSentence, errorMessage, type WaitOptions } from '@azureml-ts/common';
import { type JsonObject, textAt, valueAt } from '../azure/json-object.ts';
import { faultDetails } from '../azure/request-failure.ts';
import { masked } from '../azure/service-fault.ts';
import { WebserviceError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { unescapedFault } from './classic-operation.ts';
import type { JsonPatchStep } from './json-patch.ts';
import { callModelManagement } from './model-management.ts';
import { secretsIn } from './secrets.ts';

const log = createLogger('core');
/** Time for a check with all its tries: it is a help, and must not hold a call up for long. */
const CHECK_TIMEOUT_MS = 30_000;

/** What is to be done to a service. */
export interface PreflightCheck {
  readonly type: 'Create' | 'Update' | 'Delete';
  readonly serviceName: string;
  readonly createRequest?: JsonObject | undefined;
  readonly updateRequest?: readonly JsonPatchStep[] | null | undefined;
}

/**
 * Lets the service check what is to be done. A check that cannot be made is told in a warning, and the call goes on.
 *
 * Source: POST services/validate of the classic service; the Python client says nothing about a check it could not make.
 *
 * @param workspace Whose service.
 * @param check What is to be done.
 * @param what Names it, for errors.
 * @param next Gives the limits of the next step; throws when there is no time for one.
 * @throws {@link WebserviceError} `REQUEST_REFUSED` when the service says no.
 */
export async function checkFirst(
  workspace: Workspace,
  check: PreflightCheck,
  what: string,
  next: () => WaitOptions,
): Promise<void> {
  const { type, serviceName, createRequest = null, updateRequest = null } = check;
  await ask(workspace, 'services/validate', { type, serviceName, createRequest, updateRequest }, what, next);
}

/** Lets the service check whether a name is free. */
export async function checkName(
  workspace: Workspace,
  name: string,
  what: string,
  next: () => WaitOptions,
): Promise<void> {
  await ask(workspace, `services/validate/name/${encodeURIComponent(name)}`, {}, what, next);
}

/** Lets the service check whether what a new service needs is there. */
export async function checkResource(
  workspace: Workspace,
  createRequest: JsonObject,
  what: string,
  next: () => WaitOptions,
): Promise<void> {
  await ask(workspace, 'services/validate/resource', createRequest, what, next);
}

async function ask(
  workspace: Workspace,
  path: string,
  body: JsonObject,
  what: string,
  next: () => WaitOptions,
): Promise<void> {
  const { abortSignal, timeoutMs = CHECK_TIMEOUT_MS } = next();
  let answer: unknown;
  const secrets = secretsIn(body);
  try {
    ({ json: answer } = await callModelManagement(workspace, {
      method: 'POST',
      path,
      body,
      secrets,
      what: `The check of: ${what}`,
      abortSignal,
      timeoutMs: Math.min(CHECK_TIMEOUT_MS, timeoutMs),
    }));
  } catch (error) {
    // The caller may have given up meanwhile.
    next();
    log.warning(`${what} goes on without the service's check, which could not be made: ${errorMessage(error)}`);
    return;
  }
  const message = textAt(answer, 'error', 'message');
  if (message === undefined || message === '') {
    return;
  }
  const fault = unescapedFault(valueAt(answer, 'error'), secrets);
  throw new WebserviceError(
    'REQUEST_REFUSED',
    `${what} was refused by the service's check: ${endSentence(fault?.message ?? masked(message, secrets))} Nothing was changed.`,
    { details: fault === undefined ? {} : faultDetails(fault) },
  );
}
