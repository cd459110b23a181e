import type * as core from '@azureml-ts/core';
import type { Library, LibraryObject } from './library.ts';

/** What of our library is used by name; the classes of services are asked for as recordings name them. */
type Core = Pick<
  typeof core,
  'Workspace' | 'Model' | 'InferenceConfig' | 'LocalWebservice' | 'DeploymentConfigurationError'
>;

/** Our library, as a runner uses it. */
export function libraryOf(ours: Core): Library {
  return {
    openWorkspace: ({ base, armToken, policy, pollIntervalMs, ...workspace }) =>
      new ours.Workspace({
        ...workspace,
        credential: { getToken: async () => ({ token: armToken, expiresOnTimestamp: Date.now() + 3_600_000 }) },
        clientOptions: {
          endpoint: base,
          additionalPolicies: [{ policy, position: 'perRetry' }],
          retryOptions: { retryDelayInMs: 1, maxRetryDelayInMs: 1 },
          pollIntervalMs,
        },
      }),
    classOf: (name) => {
      const found: unknown = Reflect.get(ours, name);
      return typeof found === 'function' ? (found as LibraryObject) : undefined;
    },
    inferenceConfig: (options) => new ours.InferenceConfig(options as unknown as core.InferenceConfigOptions),
    fromConfig: (options) => ours.Workspace.fromConfig(options),
    deploymentFaults: async (name) => {
      const workspace = new ours.Workspace({ subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' });
      try {
        await ours.Model.deploy(workspace, {
          name: name as string,
          models: [],
          // Never right, so that nothing is started whatever the name.
          inferenceConfig: new ours.InferenceConfig({ entryScript: 'nowhere/score.none' }),
          deploymentConfig: ours.LocalWebservice.deployConfiguration(),
        });
      } catch (error) {
        if (error instanceof ours.DeploymentConfigurationError) {
          return error.faults.map(({ path }) => path);
        }
        throw error;
      }
      throw new Error('a deployment without a script was not refused');
    },
  };
}
