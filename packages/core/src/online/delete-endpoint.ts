import { isAzuremlError } from '@azureml-ts/common';
import { isJsonObject } from '../azure/json-object.ts';
import { limited } from '../azure/limited.ts';
import { type LongOperation, waitForOperation } from '../azure/long-operation.ts';
import { managementOperation } from '../azure/management-operation.ts';
import type { DeleteOptions } from '../webservice/webservice.ts';
import { withField } from './data-collector.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import { isMissing } from './online-api.ts';

/** Deletes an endpoint with its deployments; one that is gone already is fine. */
export async function deleteEndpoint(record: EndpointRecord, options: DeleteOptions): Promise<void> {
  const { api, workspace } = record;
  const { wait = true, ...others } = options;
  const what = `The deletion of ${api.subject}`;
  await limited(what, others, async (abortSignal) => {
    const answer = await api.delete({ abortSignal }).catch((error: unknown) => {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    });
    const operation = answer === undefined ? undefined : managementOperation(workspace.azure, answer, what);
    if (operation === undefined) {
      record.isDeleted = true;
      return;
    }
    markAsDeleting(record);
    if (wait) {
      await waitUntilGone(record, operation, what, { ...others, abortSignal });
      record.isDeleted = true;
    }
  });
}

/** An operation whose failure has another remedy than the logs. */
export function withHint(operation: LongOperation, hint: string): LongOperation {
  return { ...operation, poll: async (abortSignal) => ({ ...(await operation.poll(abortSignal)), hint }) };
}

async function waitUntilGone(
  record: EndpointRecord,
  operation: LongOperation,
  what: string,
  options: DeleteOptions & { readonly abortSignal: AbortSignal },
): Promise<void> {
  const subject = { ...record.subject(what, []), runningState: 'Deleting', doneState: 'Deleted', logs: undefined };
  const hinted = withHint(operation, 'Call delete() again; if it fails again, quote the operation id to support.');
  try {
    await waitForOperation(hinted, subject, options);
  } catch (error) {
    const isForgotten = isAzuremlError(error, 'OPERATION_NOT_FOUND');
    const isGone =
      isForgotten &&
      (await record.api.readEndpoint(options).then(
        () => false,
        (failure: unknown) => isMissing(failure),
      ));
    if (!isGone) {
      throw error;
    }
  }
}

function markAsDeleting(record: EndpointRecord): void {
  const { endpoint } = record;
  const properties = isJsonObject(endpoint['properties']) ? endpoint['properties'] : {};
  record.endpoint = withField(endpoint, 'properties', withField(properties, 'provisioningState', 'Deleting'));
}
