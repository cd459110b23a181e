import { limited } from '../azure/limited.ts';
import { waitForOperation } from '../azure/long-operation.ts';
import type { WaitForDeploymentOptions } from '../webservice/webservice.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import type { PendingOperation } from './pending-operations.ts';
import { provisioningOperation } from './provisioning.ts';

type SignalledOptions = WaitForDeploymentOptions & { readonly abortSignal: AbortSignal };

/**
 * Waits for what this process began; where there is nothing of that, until the endpoint and its deployments have come to
 * rest. The record is read anew at the end.
 */
export async function waitForEndpoint(record: EndpointRecord, options: WaitForDeploymentOptions): Promise<void> {
  const what = `The deployment of ${record.api.subject}`;
  await limited(what, options, async (abortSignal) => {
    const inner = { ...options, abortSignal };
    if (record.pending.isEmpty) {
      await noticingDeletion(record, what, undefined, abortSignal, () => waitForRest(record, what, inner));
    } else {
      await record.pending.settleAll((pending) => settle(record, pending, inner));
    }
  });
}

/** Waits for one operation that this process began. The record is read anew at the end. */
export async function settle(
  record: EndpointRecord,
  pending: PendingOperation,
  options: SignalledOptions,
): Promise<void> {
  const { subject, deploymentName } = pending;
  const { abortSignal } = options;
  await noticingDeletion(record, subject.what, deploymentName, abortSignal, async () => {
    if (await record.pending.settle(pending, options)) {
      await record.read({ abortSignal });
    } else {
      // The service forgot it: where things stand tells how it went.
      await waitForRest(record, subject.what, options);
    }
  });
}

async function waitForRest(record: EndpointRecord, what: string, options: SignalledOptions): Promise<void> {
  const operation = provisioningOperation(async (abortSignal) => {
    await record.read({ abortSignal });
    return record.provisioned;
  });
  await waitForOperation(operation, record.subject(what), options);
}

/** Does work that reads the record, and looks afterwards whether what it is about is still there. */
async function noticingDeletion(
  record: EndpointRecord,
  what: string,
  deploymentName: string | undefined,
  abortSignal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  let failure: unknown;
  try {
    await work();
  } catch (error) {
    failure = error;
    if (!abortSignal.aborted) {
      // What it failed of is told below, also when it cannot be read now.
      await record.read({ abortSignal }).catch(() => undefined);
    }
  }
  if (!abortSignal.aborted && record.lacks(deploymentName)) {
    throw record.deleted(what, deploymentName, failure);
  }
  if (failure !== undefined) {
    throw failure;
  }
}
