import type { KeyRule, Keys } from './key-rule.ts';

/** A model: `azureml:NAME:VERSION` for a registered one, else a path, or both as fields. */
const MODEL: KeyRule = {
  is: 'either',
  about: 'The model: azureml:NAME:VERSION of a registered one, the path of a file or folder, or an object.',
  of: [
    { is: 'text', about: 'azureml:NAME:VERSION, or a path from the folder of this file.' },
    {
      is: 'object',
      about: 'The model by its fields.',
      keys: {
        name: { is: 'text', about: 'Name of the model. Default with a path: the name of the file or folder.' },
        version: { is: 'text', about: 'Version of the model. Default with a path: 1.' },
        path: { is: 'path', about: 'File or folder of the model. Without it, the model is a registered one.' },
        framework: {
          is: 'text',
          about:
            'What a registered model was trained with, for example ScikitLearn: a classic service serves it without a script.',
        },
      },
    },
  ],
};

/** The script and what it needs. */
const CODE: KeyRule = {
  is: 'object',
  about: 'The scoring script and its folder.',
  needs: ['scoring_script'],
  keys: {
    code: {
      is: 'path',
      about: 'Folder with everything that the script needs. Default: the folder of this file.',
    },
    scoring_script: { is: 'text', about: 'The scoring script, from the folder of the code.' },
  },
};

/** Keys that every type has. */
export const SHARED_KEYS: Keys = {
  $schema: { is: 'text', about: 'Where the schema is, for editors.' },
  type: {
    is: 'word',
    about: 'What the file makes. Default online.',
    words: { online: 'online', aks: 'aks', aci: 'aci', aks_endpoint: 'aks_endpoint', local: 'local' },
  },
  code_configuration: CODE,
  environment_variables: { is: 'texts', about: 'Environment variables of the script.' },
  app_insights_enabled: {
    is: 'flag',
    about: 'Traces to Application Insights. Default false.',
    to: 'enableAppInsights',
  },
};

/** Keys of every type with models that come one or more. */
export const MODEL_KEYS: Keys = {
  model: MODEL,
  models: { is: 'list', about: 'Several models, in place of model.', each: MODEL },
};

/** Keys of every type in Azure. */
export const AZURE_KEYS: Keys = {
  description: { is: 'text', about: 'Description for people.' },
  tags: { is: 'texts', about: 'Tags.' },
  properties: { is: 'texts', about: 'Properties; once set they stay as they are.' },
  primary_key: { is: 'secret', about: `First key for callers: \${{ env.NAME }}. Default: the service makes one.` },
  secondary_key: { is: 'secret', about: `Second key for callers: \${{ env.NAME }}. Needs primary_key.` },
};

/** `data_collector` as a plain switch. */
export const COLLECTOR_SWITCH: KeyRule = {
  is: 'flag',
  about: 'Lets the scoring script collect feature rows. Default false.',
  to: 'collectModelData',
};

/** The attached cluster. */
export const COMPUTE: KeyRule = {
  is: 'text',
  about: 'Name of the attached cluster, with or without azureml: in front.',
  to: 'computeTargetName',
};

/** Places of collected rows and of telemetry that the packages in the container use. */
export const DESTINATION_KEYS: Keys = {
  storage: {
    is: 'text',
    about: `Where collected rows go: URL of a storage account or a file: URL; a connection string as \${{ env.NAME }}.`,
  },
  app_insights_connection_string: {
    is: 'secret',
    about: `Connection string of Application Insights: \${{ env.NAME }}. Default: the one of the workspace.`,
  },
};
