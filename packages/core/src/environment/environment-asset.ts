import { createHash } from 'node:crypto';
import type { EnvironmentVersion } from '@azure/arm-machinelearning';
import { AzuremlError, isAzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { describedAnew } from '../upload/asset-description.ts';
import { type ContentFile, folderContent } from '../upload/content-file.ts';
import { type HashedContent, hashedContent } from '../upload/content-hash.ts';
import { contentPath } from '../upload/upload-content.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Environment, EnvironmentRoutes } from './environment.ts';
import { type EnvironmentRecord, findEnvironment } from './environment-versions.ts';

/** Digits of a hash that make a version. */
const VERSION_DIGITS = 16;

/** A version of an environment that is there, or how it is made. */
export interface EnvironmentAsset {
  readonly name: string;
  readonly version: string;
  /** What is there already. */
  readonly existing?: EnvironmentRecord | undefined;
  /** What is uploaded first. */
  readonly content?: HashedContent | undefined;
  /** Address of the folder that {@link content} is uploaded to. */
  readonly url?: string | undefined;
  /** Properties of the version to make or to change; `undefined` when it is as it should be. */
  readonly properties?: EnvironmentVersion['properties'] | undefined;
}

/** What an environment is made from. */
export interface EnvironmentInit {
  readonly name: string;
  /** Default: follows from the definition. */
  readonly version?: string | undefined;
  readonly image?: string | undefined;
  readonly context?: readonly ContentFile[] | undefined;
  readonly dockerfile?: string | undefined;
  readonly routes: EnvironmentRoutes | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | undefined;
}

/** The same for an {@link Environment} that may not be registered. */
export async function environmentInit(environment: Environment): Promise<EnvironmentInit> {
  const { name, version, image, build, routes, tags, description } = environment;
  const common = { name, version, routes, tags, description };
  if (build === undefined) {
    return { ...common, image };
  }
  const context = await folderContent(build.directory, { ignoreFile: build.ignoreFile }).catch((cause: unknown) => {
    if (isAzuremlError(cause)) {
      throw cause;
    }
    throw new ValidationError({
      path: 'build.directory',
      expected: 'a folder that exists',
      received: build.directory,
      cause,
    });
  });
  const { dockerfile = 'Dockerfile' } = build;
  if (!context.some(({ path }) => path === dockerfile)) {
    throw new ValidationError({
      path: 'build.dockerfile',
      expected: 'a file in the folder that is not left out by .amlignore or .gitignore',
      received: dockerfile,
    });
  }
  return { ...common, context, dockerfile };
}

/** Routes as Azure keeps them. */
type InferenceRoutes = NonNullable<EnvironmentVersion['properties']['inferenceConfig']>;

/**
 * Looks whether an environment is registered, and how it would be. Sends only GETs.
 *
 * @throws `ENVIRONMENT_EXISTS` when the version is there with another definition.
 */
export async function environmentAsset(
  workspace: Workspace,
  init: EnvironmentInit,
  options: WaitOptions,
): Promise<EnvironmentAsset> {
  const { name, image, context, dockerfile = 'Dockerfile', routes } = init;
  const content = context === undefined ? undefined : await hashedContent(context, options.abortSignal);
  const hash = content?.hash;
  const inferenceConfig =
    routes === undefined
      ? undefined
      : {
          livenessRoute: { ...routes.liveness },
          readinessRoute: { ...routes.readiness },
          scoringRoute: { ...routes.scoring },
        };
  const definition = JSON.stringify([image ?? null, hash ?? null, dockerfile, inferenceConfig ?? null]);
  const version = init.version ?? createHash('sha256').update(definition).digest('hex').slice(0, VERSION_DIGITS);
  const { tags, description } = init;
  const existing = await findEnvironment(workspace, name, version, options);
  if (existing !== undefined) {
    checkSame(existing, { image, hash, dockerfile, inferenceConfig });
    return { name, version, existing, properties: describedAnew(existing.resource.properties, { tags, description }) };
  }
  const properties = {
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined || Object.keys(tags).length === 0 ? {} : { tags: { ...tags } }),
    ...(image === undefined ? {} : { image }),
    ...(inferenceConfig === undefined ? {} : { inferenceConfig }),
    osType: 'Linux',
  };
  if (hash === undefined) {
    return { name, version, properties };
  }
  const { accountUrl, containerName } = await workspace.getDefaultStorage(options);
  const url = `${accountUrl}/${containerName}/${contentPath('environments', hash)}`;
  const build = { contextUri: `${url}/`, dockerfilePath: dockerfile };
  return { name, version, content, url, properties: { ...properties, build } };
}

function checkSame(
  { name, version, resource }: EnvironmentRecord,
  wanted: {
    readonly image: string | undefined;
    readonly hash: string | undefined;
    readonly dockerfile: string;
    readonly inferenceConfig: InferenceRoutes | undefined;
  },
): void {
  const { image, build, inferenceConfig } = resource.properties;
  const isSameImage =
    wanted.hash === undefined
      ? image === wanted.image
      : build?.contextUri.includes(wanted.hash) === true &&
        (build.dockerfilePath ?? 'Dockerfile') === wanted.dockerfile;
  if (!isSameImage || routesText(inferenceConfig) !== routesText(wanted.inferenceConfig)) {
    throw new AzuremlError(
      'ENVIRONMENT_EXISTS',
      `The environment ${name}:${version} is registered already with another definition, and a version never changes. Give another version, or none.`,
      { details: { name, version } },
    );
  }
}

function routesText(routes: InferenceRoutes | undefined): string {
  return (['livenessRoute', 'readinessRoute', 'scoringRoute'] as const)
    .map((name) => `${routes?.[name]?.port} ${routes?.[name]?.path}`)
    .join();
}
