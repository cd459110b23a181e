import type { DeploymentFault } from '../errors.ts';
import type { DeploymentFileFault } from './deployment-file-error.ts';
import type { KeyPlace } from './file-reader.ts';
import { camelCase, type DeploymentFileType, type Keys } from './key-rule.ts';
import { KEYS } from './keys.ts';

/** Where the options of `Model.deploy` come from. */
const OPTION_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^inferenceConfig\.entryScript/, 'codeConfiguration.scoringScript'],
  [/^inferenceConfig\.sourceDirectory/, 'codeConfiguration.code'],
  [/^inferenceConfig\.environmentVariables/, 'environmentVariables'],
  [/^inferenceConfig\.environment/, 'environment'],
  [/^inferenceConfig/, 'codeConfiguration'],
  [/^models\[(\d+)\]/, 'models.$1'],
  [/^deploymentConfig\./, ''],
  [/^target/, 'computeTargetName'],
];

/**
 * A fault of an option as a fault of the file: at its line, with keys for the names of options.
 *
 * @param fault The fault.
 * @param type Type of the file.
 * @param places Where the options were set.
 */
export function locatedFault(
  { path, message }: DeploymentFault,
  type: DeploymentFileType,
  places: ReadonlyMap<string, KeyPlace>,
): DeploymentFileFault {
  const keys = keysByOption(type);
  const keyOf = (option: string) => keys.get(option) ?? option;
  const inWords = (text: string) => text.replace(/\b[a-z]+(?:[A-Z][a-z]*)+\b/g, keyOf);
  let option = path;
  for (const [pattern, key] of OPTION_KEYS) {
    if (pattern.test(path)) {
      option = path.replace(pattern, key);
      break;
    }
  }
  if (option === 'name' && (type === 'online' || type === 'aks_endpoint')) {
    option = 'endpointName';
  }
  for (const candidate of [option, option.replace(/^models\.\d+/, 'model')]) {
    for (let parts = candidate.split('.'); parts.length > 0; parts = parts.slice(0, -1)) {
      const place = places.get(parts.join('.'));
      if (place !== undefined) {
        return {
          path: place.path,
          line: place.line,
          column: place.column,
          message: place.isFromEnvironment ? 'has a value from the environment that cannot be used' : inWords(message),
        };
      }
    }
  }
  return {
    path: option.split('.').map(keyOf).join('.'),
    line: undefined,
    column: undefined,
    message: inWords(message),
  };
}

/** The key that sets each option, also of the objects inside. */
function keysByOption(type: DeploymentFileType): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (keys: Keys, above: string) => {
    for (const [key, rule] of Object.entries(keys)) {
      const option = rule.to?.split('/').at(-1) ?? camelCase(key);
      const path = rule.to?.startsWith('/') ? `${above}${key}` : key;
      if (!found.has(option)) {
        found.set(option, path);
      }
      if (rule.is === 'object') {
        add(rule.keys, `${above}${key}.`);
      }
    }
  };
  add(KEYS[type], '');
  return found;
}
