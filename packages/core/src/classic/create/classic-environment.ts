/**
 * The environment of a classic service: the definition as the classic service keeps it, for example the JSON that
 * `Environment.save_to_directory` of azureml-core writes. Fields that are not named here are passed on as they are.
 */
export interface ClassicEnvironment {
  /** Name of the environment. */
  readonly name: string;
  /** Version of the environment. */
  readonly version?: string | null | undefined;
  /** Variables of the container. */
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  /** Python and its packages. */
  readonly python?: Readonly<Record<string, unknown>> | undefined;
  /** The image. */
  readonly docker?: Readonly<Record<string, unknown>> | undefined;
  /** Everything else. */
  readonly [field: string]: unknown;
}

/** Variables that say where the entry script is; the deployment sets them. */
export const SCRIPT_VARIABLES = ['AZUREML_ENTRY_SCRIPT', 'AZUREML_SOURCE_DIRECTORY'] as const;

/**
 * The environment of one deployment: the caller's, with the variables of the script.
 *
 * @param environment As the caller gave it; not changed.
 * @param variables Variables of the inference configuration, and where the script is.
 */
export function environmentOf(
  environment: ClassicEnvironment,
  variables: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return {
    ...structuredClone(environment),
    environmentVariables: { ...environment.environmentVariables, ...variables },
  };
}
