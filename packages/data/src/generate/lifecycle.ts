import { createHash } from 'node:crypto';
import { ValidationError } from '@azureml-ts/common';
import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';

/** Prefixes of one rule; Azure takes no more. Source: "Lifecycle management policies structure". */
const MAX_PREFIXES = 10;

/**
 * The policy that deletes what is older than so many days, and moves block blobs to the cool tier before.
 *
 * Source: "Lifecycle management policies structure" of the documentation of Azure Blob Storage, and the template reference
 * of Microsoft.Storage/storageAccounts/managementPolicies: names of rules are alphanumeric, prefixes begin with the
 * container and know no wildcards, and append blobs can be deleted but not change their tier.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function lifecyclePolicy(source: GenerateSource, options: GenerateOptions): string {
  const { deleteAfterDays, coolAfterDays } = options;
  if (source.place.kind === 'directory') {
    throw refused('storage', 'a storage account', 'A folder has no lifecycle rules. Use azureml-ts data purge.');
  }
  if (source.range.from !== undefined || source.range.to !== undefined) {
    throw refused(
      'from',
      'left out',
      'A lifecycle rule counts days since the last change: it takes no from and no to.',
    );
  }
  checkDays('deleteAfterDays', deleteAfterDays);
  if (coolAfterDays !== undefined) {
    checkDays('coolAfterDays', coolAfterDays);
    if (coolAfterDays >= Number(deleteAfterDays)) {
      throw new ValidationError({
        path: 'coolAfterDays',
        expected: `less than deleteAfterDays (${deleteAfterDays})`,
        received: coolAfterDays,
      });
    }
  }
  const prefixMatch = prefixes(source, options.scope, source.place.container);
  const hash = createHash('sha256').update(prefixMatch.join('\n')).digest('hex').slice(0, 12);
  const rule = (name: string, blobTypes: string[], baseBlob: object) => ({
    enabled: true,
    name: `${name}${hash}`,
    type: 'Lifecycle',
    definition: { actions: { baseBlob }, filters: { blobTypes, prefixMatch } },
  });
  const rules = [
    rule('deleteCollectedRows', ['blockBlob', 'appendBlob'], {
      delete: { daysAfterModificationGreaterThan: deleteAfterDays },
    }),
    ...(coolAfterDays === undefined
      ? []
      : [
          rule('coolCollectedRows', ['blockBlob'], {
            tierToCool: { daysAfterModificationGreaterThan: coolAfterDays },
          }),
        ]),
  ];
  return `${JSON.stringify({ rules }, undefined, 2)}\n`;
}

function prefixes({ names, versions, designation }: GenerateSource, scope: unknown, container: string): string[] {
  if (scope !== undefined && scope !== 'stream' && scope !== 'model') {
    throw new ValidationError({ path: 'scope', expected: "'stream' or 'model'", received: scope });
  }
  const model = [container, ...names].join('/');
  if (scope === 'model') {
    return [`${model}/`];
  }
  if (versions === undefined) {
    throw refused(
      'modelVersion',
      'one version or several',
      "A lifecycle rule knows no wildcard, so it cannot name one designation of all versions. Name the versions, or take scope 'model': everything of the model, predictions and inputs alike.",
    );
  }
  if (versions.length > MAX_PREFIXES) {
    throw refused(
      'modelVersion',
      `at most ${MAX_PREFIXES} versions`,
      `A lifecycle rule names at most ${MAX_PREFIXES} folders, and these are ${versions.length} versions. Take scope 'model', or write a rule for each part of them.`,
    );
  }
  return versions.map((version) => `${model}/${version}/${designation}/`);
}

function checkDays(path: string, days: unknown): void {
  if (!(typeof days === 'number' && Number.isInteger(days) && days >= 0)) {
    throw new ValidationError({ path, expected: 'a whole number of days, 0 or more', received: days });
  }
}

function refused(path: string, expected: string, message: string): ValidationError {
  return new ValidationError({ path, expected, message });
}
