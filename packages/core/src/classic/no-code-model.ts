import type { DeploymentFault } from '../errors.ts';

/** Frameworks whose models are served without a scoring script. */
export const NO_CODE_FRAMEWORKS = ['Onnx', 'ScikitLearn', 'TensorFlow', 'Multi'] as const;

/** A registered model that is served without a scoring script. */
export interface NoCodeModel {
  /** Its id: name and version, for example `best_model:10`. */
  readonly id: string;
  /** What it was trained with. */
  readonly modelFramework: (typeof NO_CODE_FRAMEWORKS)[number];
}

/**
 * Checks models that are to be served without a script.
 *
 * @param models The models as the caller gave them.
 */
export function modelFaults(models: unknown): DeploymentFault[] {
  if (models === undefined) {
    return [];
  }
  const only: unknown = Array.isArray(models) && models.length === 1 ? models[0] : undefined;
  if (typeof only !== 'object' || only === null) {
    return [
      {
        path: 'models',
        message: 'must be a list of exactly one model { id, modelFramework }, because there is no scoring script',
      },
    ];
  }
  const { id, modelFramework } = only as Partial<Record<keyof NoCodeModel, unknown>>;
  const faults: DeploymentFault[] = [];
  if (typeof id !== 'string' || id === '') {
    faults.push({ path: 'models[0].id', message: 'must be the id of a registered model, for example best_model:10' });
  }
  if (!NO_CODE_FRAMEWORKS.some((framework) => framework === modelFramework)) {
    faults.push({
      path: 'models[0].modelFramework',
      message: `must be one of ${NO_CODE_FRAMEWORKS.join(', ')}, because there is no scoring script`,
    });
  }
  return faults;
}

/** The request for an image of models without a script. */
export function noCodeRequest(models: readonly NoCodeModel[]): { modelIds: string[] } {
  return { modelIds: models.map(({ id }) => id) };
}
