import { errorMessage, isAzuremlError, statusOf } from '@azureml-ts/common';
import type { StorageTarget } from '@azureml-ts/monitoring/format';
import type { Check, DoctorContext } from './context.ts';
import { type Finding, failedFinding, skipped } from './finding.ts';
import { lookForRows } from './streams.ts';

const NAME = 'storage';
const CONTAINER = 'modeldata';

/** Whether the place of collected rows can be reached and listed. */
export const storageCheck: Check = {
  name: NAME,
  async look(context) {
    const { workspace } = context;
    const given = context.options.storage ?? (context.io.env['AML_MODEL_DC_STORAGE'] || undefined);
    if (workspace === undefined || (given === undefined && context.details === undefined)) {
      return [skipped(NAME, 'the workspace could not be read')];
    }
    let storage: StorageTarget | string;
    let place: string;
    try {
      if (given === undefined) {
        const { accountUrl, credential } = await workspace.getDefaultStorage(context.limits);
        storage = { accountUrl, credential };
        place = `the container ${CONTAINER} of ${accountUrl}`;
      } else {
        storage = given;
        place = context.options.storage === undefined ? 'AML_MODEL_DC_STORAGE' : '--storage';
      }
    } catch (error) {
      return [failedFinding(NAME, error, fixOf(error))];
    }
    return [await list(context, storage, place)];
  },
};

async function list(context: DoctorContext, storage: StorageTarget | string, place: string): Promise<Finding> {
  try {
    await context.ask('Listing the storage', (abortSignal) =>
      lookForRows(context, storage, { webserviceName: context.name ?? '-', abortSignal }),
    );
  } catch (error) {
    if (!isAzuremlError(error, 'COLLECTED_DATA_NOT_FOUND')) {
      return failedFinding(NAME, error, fixOf(error));
    }
    context.storage = storage;
    // The container is made with the first row.
    if (/ does not exist\./.test(errorMessage(error))) {
      return {
        check: NAME,
        status: 'ok',
        message: `${place} can be reached; there is no ${CONTAINER} in it yet, as nothing was collected`,
      };
    }
  }
  context.storage = storage;
  return { check: NAME, status: 'ok', message: `${place} can be listed` };
}

function fixOf(error: unknown): string {
  if (statusOf(error) === 403 || isAzuremlError(error, 'PERMISSION_DENIED')) {
    return 'Ask for the role Storage Blob Data Reader on the storage account, and check its firewall; or give --storage.';
  }
  if (isAzuremlError(error, 'VALIDATION')) {
    return 'Give --storage (or AML_MODEL_DC_STORAGE) a connection string, the blob address of an account or a file: URL.';
  }
  return 'Check the network, the firewall of the storage account and private endpoints; or give --storage.';
}
