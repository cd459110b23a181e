import { type GenerateForOptions, generateFor } from '../../src/generate/generate.ts';
import { stream } from '../support/stream.ts';

const options: GenerateForOptions = { ...stream, storage: 'https://acct.blob.core.windows.net', deleteAfterDays: 365 };
const ROOT = 'modeldata/sub/rg/ws/svc/best_model';

interface Rule {
  readonly enabled: boolean;
  readonly name: string;
  readonly type: string;
  readonly definition: {
    readonly actions: { readonly baseBlob: Record<string, Record<string, number>> };
    readonly filters: { readonly blobTypes: string[]; readonly prefixMatch: string[] };
  };
}

function rulesOf(more: Partial<GenerateForOptions> = {}): Rule[] {
  const { rules, ...rest } = JSON.parse(generateFor('lifecycle', { ...options, ...more })) as { rules: Rule[] };
  expect(rest).toEqual({});
  return rules;
}

/**
 * What Azure takes, in our words. Source: "Lifecycle management policies structure", and the template reference of
 * Microsoft.Storage/storageAccounts/managementPolicies 2023-05-01.
 */
function expectToBeTaken(rules: readonly Rule[]): void {
  expect(rules.length).toBeGreaterThan(0);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const rule of rules) {
    expect(Object.keys(rule).sort()).toEqual(['definition', 'enabled', 'name', 'type']);
    expect(rule.name).toMatch(/^[A-Za-z0-9]{1,256}$/);
    expect([rule.enabled, rule.type]).toEqual([true, 'Lifecycle']);
    const { actions, filters, ...rest } = rule.definition;
    expect(rest).toEqual({});
    expect(Object.keys(filters).sort()).toEqual(['blobTypes', 'prefixMatch']);
    expect(filters.prefixMatch.length).toBeGreaterThan(0);
    expect(filters.prefixMatch.length).toBeLessThanOrEqual(10);
    expect(filters.prefixMatch.every((prefix) => prefix.startsWith('modeldata/') && prefix.endsWith('/'))).toBe(true);
    const names = Object.keys(actions.baseBlob);
    expect(names.every((name) => ['delete', 'tierToCool'].includes(name))).toBe(true);
    // Append blobs cannot change their tier.
    expect(filters.blobTypes).toEqual(names.includes('tierToCool') ? ['blockBlob'] : ['blockBlob', 'appendBlob']);
    for (const condition of Object.values(actions.baseBlob)) {
      expect(Object.keys(condition)).toEqual(['daysAfterModificationGreaterThan']);
    }
  }
}

describe('a lifecycle policy', () => {
  it('deletes what is below the folder of the stream, and nothing else', () => {
    const rules = rulesOf();
    expectToBeTaken(rules);
    expect(rules.map(({ definition }) => definition)).toEqual([
      {
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 365 } } },
        filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: [`${ROOT}/1/inputs/`] },
      },
    ]);
  });

  it('moves block blobs to the cool tier before, by a rule of its own', () => {
    const rules = rulesOf({ coolAfterDays: 30 });
    expectToBeTaken(rules);
    expect(rules[1]?.definition.actions).toEqual({
      baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 30 } },
    });
  });

  it('names each version, and for the whole model only its folder', () => {
    const several = rulesOf({ modelVersion: ['1', '2'] });
    expectToBeTaken(several);
    expect(several[0]?.definition.filters.prefixMatch).toEqual([`${ROOT}/1/inputs/`, `${ROOT}/2/inputs/`]);
    const model = rulesOf({ modelVersion: 'all', scope: 'model' });
    expectToBeTaken(model);
    expect(model[0]?.definition.filters.prefixMatch).toEqual([`${ROOT}/`]);
  });

  it('has names that two policies do not share', () => {
    expect(rulesOf()[0]?.name).not.toBe(rulesOf({ designation: 'predictions' })[0]?.name);
  });

  it.each<[string, Partial<GenerateForOptions>, RegExp]>([
    ['no number of days', { deleteAfterDays: undefined }, /deleteAfterDays must be a whole number/],
    ['half a day', { deleteAfterDays: 0.5 }, /deleteAfterDays must be a whole number/],
    ['a tier after the end', { coolAfterDays: 365 }, /coolAfterDays must be less than deleteAfterDays \(365\)/],
    ['one designation of all versions', { modelVersion: 'all' }, /knows no wildcard.*scope 'model'/],
    ['too many versions', { modelVersion: Array.from({ length: 11 }, (_, at) => `${at}`) }, /at most 10 folders/],
    ['days of the calendar', { from: '2026-01-01' }, /counts days since the last change/],
    ['a folder', { storage: { directory: '/data' } }, /no lifecycle rules.*data purge/],
    ['another scope', { scope: 'all' as 'model' }, /scope must be 'stream' or 'model'/],
  ])('refuses %s', (_, more, message) => {
    expect(() => rulesOf(more)).toThrow(message);
  });
});
