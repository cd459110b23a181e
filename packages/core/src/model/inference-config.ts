/** Options of {@link InferenceConfig}. */
export interface InferenceConfigOptions {
  /**
   * The scoring script, a `.js`, `.mjs`, `.cjs`, `.ts`, `.mts` or `.cts` file which exports `run(rawData)` and may export
   * `init()`. A relative path starts at `sourceDirectory`, else at the current folder.
   */
  readonly entryScript: string;
  /** Folder with everything the script needs; the service runs in it. Default: the folder of the script. */
  readonly sourceDirectory?: string | undefined;
  /** Environment variables for the script. Those that the deployment sets itself are refused. */
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
}

/**
 * Which script scores, and what it needs around it.
 *
 * Source: `azureml.core.model.InferenceConfig`; the environment is the Node that runs the caller.
 */
export class InferenceConfig {
  /** The scoring script, as given. */
  readonly entryScript: string;
  /** Folder with everything the script needs, as given. */
  readonly sourceDirectory: string | undefined;
  readonly #environmentVariables: Readonly<Record<string, string>>;

  /** @param options The script and what it needs. Checked when it is deployed, together with everything else. */
  constructor(options: InferenceConfigOptions) {
    this.entryScript = options.entryScript;
    this.sourceDirectory = options.sourceDirectory;
    this.#environmentVariables = { ...options.environmentVariables };
  }

  /** Environment variables for the script. Not shown when the object is printed: they may hold secrets. */
  get environmentVariables(): Readonly<Record<string, string>> {
    return this.#environmentVariables;
  }
}
