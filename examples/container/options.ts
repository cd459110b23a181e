import type { ContainerOptions } from '@azureml-ts/inference-server';

/** What the files of this example are made from. */
export const OPTIONS: ContainerOptions = {
  entryScript: 'score.ts',
  models: ['model'],
  workers: 2,
  endpointName: 'house-prices',
  enableAppInsights: true,
  environment: {
    AML_MODEL_DC_STORAGE_ENABLED: 'true',
    AML_MODEL_DC_STORAGE: 'https://mystorageaccount.blob.core.windows.net',
  },
};
