import type { KeyRule, Keys } from './key-rule.ts';

const ROUTE: Keys = {
  port: { is: 'number', isWhole: true, least: 1, most: 65_535, about: 'Port.' },
  path: { is: 'text', about: 'Path, beginning with a slash.' },
};

/** The image of an online deployment in place of the one that is made from the code; as azure-ai-ml has it, without conda. */
export const ONLINE_ENVIRONMENT: KeyRule = {
  is: 'either',
  about:
    'An image of your own, in place of the one that is made from the code: azureml:NAME:VERSION of a registered environment, or an object. scoring_script is the path of the script in the image then.',
  of: [
    { is: 'text', about: 'azureml:NAME:VERSION of a registered environment.' },
    {
      is: 'object',
      about: 'An environment with image or build; it is registered when it is not.',
      keys: {
        name: { is: 'text', about: 'Name of the environment. Default: azureml-ts-, the endpoint and the deployment.' },
        version: { is: 'text', about: 'Version of the environment. Default: follows from its definition.' },
        image: { is: 'text', about: 'Address of an image. Either this or build.' },
        build: {
          is: 'object',
          about: 'The folder that Azure builds the image from. Either this or image.',
          needs: ['path'],
          keys: {
            path: {
              is: 'path',
              about: 'The folder; .amlignore, else .gitignore says what is left out.',
              to: 'directory',
            },
            dockerfile_path: {
              is: 'text',
              about: 'The Dockerfile, from the folder. Default Dockerfile.',
              to: 'dockerfile',
            },
          },
        },
        inference_config: {
          is: 'object',
          about:
            'Routes of the container. Default: those of @azureml-ts/inference-server, /ready and /score at port 5001.',
          to: 'routes',
          needs: ['liveness_route', 'readiness_route', 'scoring_route'],
          keys: {
            liveness_route: {
              is: 'object',
              about: 'Says whether the process lives.',
              to: 'liveness',
              keys: ROUTE,
              needs: Object.keys(ROUTE),
            },
            readiness_route: {
              is: 'object',
              about: 'Says whether it may get requests.',
              to: 'readiness',
              keys: ROUTE,
              needs: Object.keys(ROUTE),
            },
            scoring_route: { is: 'object', about: 'Scores.', to: 'scoring', keys: ROUTE, needs: Object.keys(ROUTE) },
          },
        },
        os_type: { is: 'word', about: 'Always linux.', words: { linux: 'Linux' } },
        description: { is: 'text', about: 'Description for people.' },
        tags: { is: 'texts', about: 'Tags.' },
      },
    },
  ],
};
