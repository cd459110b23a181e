import { call, type LibraryObject } from './library.ts';
import { optionsOf } from './python-names.ts';
import { classFor, type Stage, type StepKind } from './stage.ts';
import { anyObject } from './strict.ts';

/** Steps that make a service. */
export const CREATING_STEPS: Readonly<Record<string, StepKind>> = {
  deploy: {
    args: ['name', 'models', 'inference_config', 'deployment_config', 'deployment_target', 'overwrite', 'show_output'],
    play: async (stage, { args }) => {
      const { inference_config: inference, models } = args;
      stage.current = undefined;
      stage.current = (await call(classFor(stage, 'Model'), 'deploy', stage.workspace, {
        name: args['name'],
        models: Array.isArray(models) ? models.map((model) => optionsOf(model)) : undefined,
        inferenceConfig:
          inference === undefined || inference === null
            ? undefined
            : stage.library.inferenceConfig(optionsOf(anyObject(inference, 'inference_config'))),
        ...(await placeOf(stage, args)),
      })) as LibraryObject;
      return null;
    },
  },
  deployFromImage: {
    args: ['name', 'image', 'deployment_config', 'deployment_target'],
    play: async (stage, { args }) => {
      stage.current = undefined;
      stage.current = (await call(classFor(stage, 'ClassicWebservice'), 'deployFromImage', stage.workspace, {
        ...optionsOf({ name: args['name'], image: args['image'] }),
        ...(await placeOf(stage, args)),
      })) as LibraryObject;
      return null;
    },
  },
  checkForExistingWebservice: {
    args: ['name'],
    // Ours has one call for it: who is there can be read.
    play: async (stage, { args }) => {
      await call(classFor(stage, 'ClassicWebservice'), 'get', stage.workspace, args['name']);
      return null;
    },
  },
};

/** Where and how a service shall run. Ours has no kind that is taken when none is named: the peer's is ACI. */
async function placeOf(stage: Stage, args: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const { deployment_config: config, deployment_target: target } = args;
  const { class: kind = 'AciWebservice', args: settings = {} } =
    config === undefined || config === null ? {} : anyObject(config, 'deployment_config');
  return {
    deploymentConfig: await call(
      classFor(stage, kind),
      'deployConfiguration',
      optionsOf(anyObject(settings, 'deployment_config.args')),
    ),
    ...(target === undefined || target === null ? {} : { target: anyObject(target, 'deployment_target')['name'] }),
    ...(args['overwrite'] === undefined ? {} : { overwrite: args['overwrite'] }),
    showOutput: false,
  };
}
