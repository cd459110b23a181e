import { createHash } from 'node:crypto';
import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { type ContentFile, folderContent } from '../upload/content-file.ts';
import { contentHash } from '../upload/content-hash.ts';
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
  readonly files?: readonly ContentFile[] | undefined;
  /** Address of the folder that {@link files} are uploaded to. */
  readonly url?: string | undefined;
  /** Properties of the version to make. */
  readonly properties: JsonObject;
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
  const hash = context === undefined ? undefined : await contentHash(context, options.abortSignal);
  const inferenceConfig =
    routes === undefined
      ? undefined
      : {
          livenessRoute: { ...routes.liveness },
          readinessRoute: { ...routes.readiness },
          scoringRoute: { ...routes.scoring },
        };
  const definition = JSON.stringify([image ?? null, hash ?? null, dockerfile, inferenceConfig ?? null]);
  const version =
    init.version ??
    (hash !== undefined && init.dockerfile === undefined
      ? hash.slice(0, VERSION_DIGITS)
      : createHash('sha256').update(definition).digest('hex').slice(0, VERSION_DIGITS));
  const existing = await findEnvironment(workspace, name, version, options);
  if (existing !== undefined) {
    checkSame(existing, image, hash);
    return { name, version, existing, properties: {} };
  }
  const { tags, description } = init;
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
  return { name, version, files: context, url, properties: { ...properties, build } };
}

function checkSame(
  { name, version, resource }: EnvironmentRecord,
  image: string | undefined,
  hash: string | undefined,
): void {
  const { image: oldImage, build } = resource.properties;
  const isSame = hash === undefined ? oldImage === image : build?.contextUri.includes(hash) === true;
  if (!isSame) {
    throw new AzuremlError(
      'ENVIRONMENT_EXISTS',
      `The environment ${name}:${version} is registered already with another definition, and a version never changes. Give another version, or none.`,
      { details: { name, version } },
    );
  }
}
