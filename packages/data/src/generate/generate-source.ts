import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { pythonStreamPrefix, streamPrefix } from '@azureml-ts/monitoring/format';
import type { DayRange } from '../files/day-range.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import { ENGINE_TYPES } from './engine-types.ts';
import type { GenerateOptions } from './generate-options.ts';
import type { StoragePlace } from './storage-place.ts';

/** Everything that a generated text says of the rows. */
export interface GenerateSource {
  readonly place: StoragePlace;
  /** The folders down to the model: subscription, resource group, workspace, web service, model. */
  readonly names: readonly string[];
  /** Versions of the model, `undefined` for all. */
  readonly versions: readonly string[] | undefined;
  readonly designation: string;
  /** Designation of the rows to join with. */
  readonly joinWith: string | undefined;
  readonly range: DayRange;
  readonly layout: 'documented' | 'python-v1';
}

/**
 * Checks the options, and says what is to be read.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function generateSource(
  place: StoragePlace,
  selection: StreamSelection,
  range: DayRange,
  options: GenerateOptions,
): GenerateSource {
  const { types, joinTypes, featureNames, joinWith, layout = selection.layout ?? 'documented' } = options;
  if (selection.layout === 'json-lines' || layout === 'json-lines') {
    throw new AzuremlError(
      'NOT_SUPPORTED',
      'There is no such text for the layout json-lines. Read the rows with CollectedData, or export them as Parquet, CSV or JSON Lines, which engines read as they are.',
    );
  }
  checkTypes('types', types);
  checkTypes('joinTypes', joinTypes);
  if (featureNames !== undefined && !(Array.isArray(featureNames) && featureNames.every(isName))) {
    throw new ValidationError({ path: 'featureNames', expected: 'an array of names', received: featureNames });
  }
  if (joinWith !== undefined && joinWith !== false && !isName(joinWith)) {
    throw new ValidationError({ path: 'joinWith', expected: 'a designation, or false', received: joinWith });
  }
  if (!['auto', 'documented', 'python-v1'].includes(layout)) {
    throw new ValidationError({ path: 'layout', expected: "'documented' or 'python-v1'", received: layout });
  }
  const { designation, modelVersion, versions = [modelVersion] } = selection;
  if (versions === 'newest') {
    throw new ValidationError({
      path: 'modelVersion',
      expected: "a version, several, or 'all'",
      message:
        "Which version is the newest is not known without looking. Name the version, or take 'all'; CollectedData.generate() looks.",
    });
  }
  const prefix = layout === 'python-v1' ? pythonStreamPrefix(selection) : streamPrefix(selection);
  return {
    place,
    names: prefix.split('/').slice(0, 5),
    versions: versions === 'all' ? undefined : versions,
    designation,
    joinWith: joinWith === false ? undefined : (joinWith ?? (designation === 'inputs' ? 'predictions' : undefined)),
    range,
    layout: layout === 'auto' ? 'documented' : layout,
  };
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '';
}

function checkTypes(path: string, types: unknown): void {
  if (types === undefined) {
    return;
  }
  if (typeof types !== 'object' || types === null) {
    throw new ValidationError({ path, expected: 'an object of types', received: types });
  }
  const known = Object.keys(ENGINE_TYPES);
  for (const [name, type] of Object.entries(types)) {
    if (!known.includes(type)) {
      throw new ValidationError({ path: `${path}.${name}`, expected: `one of ${known.join(', ')}`, received: type });
    }
    if (name.startsWith('$aml_')) {
      throw new ValidationError({
        path: `${path}.${name}`,
        expected: 'left out: it has a type of its own',
        received: type,
      });
    }
  }
}
