import type { ClassicEnvironment } from '../classic/create/classic-environment.ts';
import type { Environment } from '../environment/environment.ts';

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
  /**
   * What the script runs in. A classic service needs a definition with python and docker. An online endpoint takes an
   * {@link Environment} whose image holds the server and the script, `entryScript` being its path there
   * (`AZUREML_ENTRY_SCRIPT`); without one, an image is made from the source folder.
   */
  readonly environment?: ClassicEnvironment | Environment | undefined;
  /** Online endpoint: file with patterns of what is not uploaded. Default: `.amlignore` of the source folder, else `.gitignore`. */
  readonly ignoreFile?: string | undefined;
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
  /** File with patterns of what is not uploaded, as given. */
  readonly ignoreFile: string | undefined;
  readonly #environmentVariables: Readonly<Record<string, string>>;
  readonly #environment: ClassicEnvironment | Environment | undefined;

  /** @param options The script and what it needs. Checked when it is deployed, together with everything else. */
  constructor(options: InferenceConfigOptions) {
    this.entryScript = options.entryScript;
    this.sourceDirectory = options.sourceDirectory;
    this.ignoreFile = options.ignoreFile;
    this.#environmentVariables = { ...options.environmentVariables };
    this.#environment = options.environment;
  }

  /** What the script runs in. Not shown when the object is printed: its variables may hold secrets. */
  get environment(): ClassicEnvironment | Environment | undefined {
    return this.#environment;
  }

  /** Environment variables for the script. Not shown when the object is printed: they may hold secrets. */
  get environmentVariables(): Readonly<Record<string, string>> {
    return this.#environmentVariables;
  }
}
