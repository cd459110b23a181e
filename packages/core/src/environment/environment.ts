import { resolve } from 'node:path';
import type { EnvironmentVersion } from '@azure/arm-machinelearning';
import type { WaitOptions } from '@azureml-ts/common';
import type { UploadProgress } from '../upload/upload-content.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkDefinition } from './check-environment.ts';
import {
  type EnvironmentRecord,
  listEnvironments,
  listEnvironmentVersions,
  readEnvironment,
} from './environment-versions.ts';
import { registerEnvironment } from './register-environment.ts';

const BRAND = Symbol.for('@azureml-ts/environment');

/** Whether a value is an {@link Environment}, whichever copy of the package (ESM, CommonJS) made it. */
export function isEnvironment(value: unknown): value is Environment {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}

/** A route of a container. */
export interface EnvironmentRoute {
  /** Port, 1 to 65535. */
  readonly port: number;
  /** Path, beginning with a slash. */
  readonly path: string;
}

/** The routes of a container that serves. */
export interface EnvironmentRoutes {
  /** Says whether the process lives. */
  readonly liveness: EnvironmentRoute;
  /** Says whether it may get requests. */
  readonly readiness: EnvironmentRoute;
  /** Scores. */
  readonly scoring: EnvironmentRoute;
}

/** A folder that Azure builds an image from. */
export interface EnvironmentBuild {
  /** The folder. A relative path starts at the current folder. */
  readonly directory: string;
  /** The Dockerfile below it. Default `Dockerfile`. */
  readonly dockerfile?: string | undefined;
  /** File with patterns of what is left out. Default: `.amlignore` of the folder, else `.gitignore`. */
  readonly ignoreFile?: string | undefined;
}

/** Options of {@link Environment}. */
export interface EnvironmentOptions {
  /** Name: letters, digits, `-`, `_` and `.`, at most 255, starting with a letter or digit. */
  readonly name: string;
  /** Version. Default: 16 digits of the hash of its definition, so that the same one is registered once. */
  readonly version?: string | number | undefined;
  /** Address of an image. Either this or `build`. */
  readonly image?: string | undefined;
  /** What Azure builds the image from. */
  readonly build?: EnvironmentBuild | undefined;
  /** Routes of the container. Default: those of @azureml-ts/inference-server, `/ready` for both probes and `/score`, at port 5001. */
  readonly routes?: EnvironmentRoutes | undefined;
  /** Tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Description for people. */
  readonly description?: string | undefined;
}

/** Options of {@link Environment.register}. */
export interface RegisterEnvironmentOptions extends WaitOptions {
  /** Is told of the upload. */
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
}

/** Options of {@link Environment.list}. */
export interface ListEnvironmentsOptions extends WaitOptions {
  /** Name of the environment. Default: all. */
  readonly name?: string | undefined;
}

/**
 * Where the server of this project answers. `GET /` tells of its life too, but the specification wants a letter or a digit in
 * a path. The two differ in the seconds of the end only, in which probes have no time to fail.
 */
export const SERVER_ROUTES: EnvironmentRoutes = Object.freeze({
  liveness: Object.freeze({ port: 5001, path: '/ready' }),
  readiness: Object.freeze({ port: 5001, path: '/ready' }),
  scoring: Object.freeze({ port: 5001, path: '/score' }),
});

/** What is known of an environment that was read from Azure. */
interface Registered {
  readonly resource: EnvironmentVersion;
}

/**
 * The image that an online deployment runs: an address, or a folder that Azure builds it from. `Model.deploy` makes one for
 * a Node script by itself; one of your own holds the server and the script.
 *
 * Source: `Environment` of azure-ai-ml; environments/{name}/versions/{version}, 2022-10-01.
 *
 * @example
 * ```ts
 * import { Environment, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn(); // stands for a workspace in Azure
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 * const environment = new Environment({ name: 'node-24', version: 1, image: 'registry.example/scoring:1' });
 * const registered = await environment.register(ws);
 * console.log(registered.id?.endsWith('/environments/node-24/versions/1')); // true
 * ```
 */
export class Environment {
  /** Name. */
  readonly name: string;
  /** Version; `undefined` when it follows from the definition. */
  readonly version: string | undefined;
  /** Address of the image. */
  readonly image: string | undefined;
  /** What the image is built from; `undefined` for one that was read from Azure. */
  readonly build: EnvironmentBuild | undefined;
  /** Routes of the container; `undefined` when Azure knows none. */
  readonly routes: EnvironmentRoutes | undefined;
  /** Tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Description for people. */
  readonly description: string | undefined;
  /** Id in Azure Resource Manager; `undefined` for one that is not registered. */
  readonly id: string | undefined;

  /**
   * @param options Name, and where the image comes from.
   * @throws `VALIDATION` for an option of the wrong shape.
   */
  constructor(options: EnvironmentOptions);
  /** @internal */
  constructor(options: EnvironmentOptions, registered: Registered);
  constructor(options: EnvironmentOptions, registered?: Registered) {
    if (registered === undefined) {
      checkDefinition(options);
    }
    const { name, version, image, build, tags, description } = options;
    this.id = registered?.resource.id ?? undefined;
    this.name = name;
    this.version = version === undefined ? undefined : String(version);
    this.image = image;
    // Made absolute at once: the current folder may be another one when it is registered.
    this.build = build === undefined ? undefined : Object.freeze({ ...build, directory: resolve(build.directory) });
    this.routes = options.routes ?? (registered === undefined ? SERVER_ROUTES : undefined);
    this.tags = Object.freeze({ ...tags });
    this.description = description;
  }

  /**
   * Reads a registered environment.
   *
   * @param workspace Whose environment.
   * @param name Its name.
   * @param version Its version. Default: the newest.
   * @param options `abortSignal`, `timeoutMs`.
   * @throws `ENVIRONMENT_NOT_FOUND`; `VALIDATION`.
   */
  static async get(
    workspace: Workspace,
    name: string,
    version?: string | number,
    options: WaitOptions = {},
  ): Promise<Environment> {
    const wanted = version === undefined || version === 'latest' ? undefined : String(version);
    return Environment.#of(await readEnvironment(workspace, name, wanted, options));
  }

  /**
   * Lists registered environments: every version, newest first, of one or of all.
   *
   * @param workspace Whose environments.
   * @param options `name`: the versions of that one only.
   */
  static async *list(workspace: Workspace, options: ListEnvironmentsOptions = {}): AsyncGenerator<Environment> {
    const { name, ...limits } = options;
    const records =
      name === undefined ? listEnvironments(workspace, limits) : listEnvironmentVersions(workspace, name, limits);
    for await (const record of records) {
      yield Environment.#of(record);
    }
  }

  static #of({ name, version, resource }: EnvironmentRecord): Environment {
    const { image, inferenceConfig, tags, description } = resource.properties;
    const { livenessRoute: liveness, readinessRoute: readiness, scoringRoute: scoring } = inferenceConfig ?? {};
    return new Environment(
      {
        name,
        version,
        image,
        routes: liveness && readiness && scoring ? { liveness, readiness, scoring } : undefined,
        tags: tags as Record<string, string> | undefined,
        description: description ?? undefined,
      },
      { resource },
    );
  }

  /**
   * Registers it: uploads the folder that it is built from, and makes the version. One that is there already is left alone.
   *
   * @param workspace Where.
   * @param options `abortSignal`, `timeoutMs`, `onUpload`.
   * @returns The registered one, with its id.
   * @throws `ENVIRONMENT_EXISTS` when the version is there with another definition; `VALIDATION`;
   *   `STORAGE_PERMISSION_DENIED`, `STORAGE_UNREACHABLE`; errors of the requests.
   */
  async register(workspace: Workspace, options: RegisterEnvironmentOptions = {}): Promise<Environment> {
    if (this.id !== undefined) {
      return this;
    }
    return Environment.#of(await registerEnvironment(workspace, this, options));
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }
}
