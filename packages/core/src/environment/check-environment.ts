import { ValidationError } from '@azureml-ts/common';
import { ASSET_NAME_RULE, isAssetName } from '../workspace/asset-name.ts';
import type { EnvironmentOptions } from './environment.ts';

/** Checks the name of an environment. */
export function checkEnvironmentName(name: unknown, path = 'name'): void {
  if (!isAssetName(name)) {
    throw new ValidationError({ path, expected: ASSET_NAME_RULE, received: name });
  }
}

/**
 * Checks the definition of an environment; values may be anything.
 *
 * @throws `VALIDATION`
 */
export function checkDefinition(options: EnvironmentOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object { name, image }', received: options });
  }
  const { name, version, image, build, routes } = options;
  checkEnvironmentName(name);
  if (version !== undefined) {
    checkEnvironmentName(typeof version === 'number' ? String(version) : version, 'version');
  }
  if ((image === undefined) === (build === undefined)) {
    throw new ValidationError({ path: 'image', expected: 'either image or build', received: image });
  }
  if (
    image !== undefined &&
    (typeof image !== 'string' || !/^[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/.test(image))
  ) {
    throw new ValidationError({ path: 'image', expected: 'the address of an image', received: image });
  }
  if (build !== undefined && (typeof build?.directory !== 'string' || build.directory === '')) {
    throw new ValidationError({ path: 'build.directory', expected: 'a folder', received: build?.directory });
  }
  for (const route of routes === undefined ? [] : (['liveness', 'readiness', 'scoring'] as const)) {
    const { port, path } = (routes?.[route] ?? {}) as { port?: unknown; path?: unknown };
    if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535) {
      throw new ValidationError({ path: `routes.${route}.port`, expected: 'a port, 1 to 65535', received: port });
    }
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw new ValidationError({
        path: `routes.${route}.path`,
        expected: 'a path that begins with /',
        received: path,
      });
    }
  }
}
