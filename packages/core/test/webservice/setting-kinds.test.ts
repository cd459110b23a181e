import { CLASSIC_FIELDS } from '../../src/classic/update-settings.ts';
import { SETTING_NAMES } from '../../src/local/settings.ts';
import { ONLINE_SETTINGS } from '../../src/online/settings.ts';
import { kindsWithSetting, SETTING_KINDS, unsupportedSetting } from '../../src/webservice/setting-kinds.ts';

describe('unsupportedSetting', () => {
  it('names for each setting the kinds that have it, and what the kind at hand has', () => {
    const error = unsupportedSetting('AciWebservice', ['numReplicas', 'environmentVariables', 'color']);

    expect(error).toMatchObject({
      code: 'UNSUPPORTED_SETTING',
      details: {
        kind: 'AciWebservice',
        settings: ['numReplicas', 'environmentVariables', 'color'],
        kinds: {
          numReplicas: ['AksWebservice'],
          environmentVariables: ['OnlineEndpoint', 'LocalWebservice'],
          color: [],
        },
      },
    });
    expect(error.message).toContain('An AciWebservice has no setting numReplicas (AksWebservice has it)');
    expect(error.message).toContain('environmentVariables (OnlineEndpoint and LocalWebservice have it)');
    expect(error.message).toContain('color (no kind has it). It has tags, properties,');
  });

  it.each([
    ['enable_app_insights', 'enableAppInsights'],
    ['appInsightsEnabled', 'enableAppInsights'],
    ['dataCollector', 'collectModelData'],
    ['capacity', 'instanceCount'],
  ])('takes %s for %s written in another way', (given, meant) => {
    expect(unsupportedSetting('OnlineEndpoint', [given]).message).toContain(`${given} (did you mean ${meant}?)`);
  });

  it('says so when nothing can be changed', () => {
    expect(unsupportedSetting('UnknownWebservice', ['tags']).message).toBe(
      'An UnknownWebservice has no setting tags (OnlineEndpoint, AksWebservice, AciWebservice and AksEndpoint have it). ' +
        'It has none that can be changed. Nothing was changed.',
    );
  });
});

describe('SETTING_KINDS', () => {
  it.each([
    ['LocalWebservice', SETTING_NAMES],
    ['OnlineEndpoint', ONLINE_SETTINGS],
    ...(['AksWebservice', 'AciWebservice', 'AksEndpoint'] as const).map(
      (kind) => [kind, CLASSIC_FIELDS[kind].map(([name]) => name)] as const,
    ),
  ] as const)('lists what update() of %s takes', (kind, names) => {
    expect([...SETTING_KINDS[kind]].sort()).toEqual([...names].sort());
  });

  it('has nothing that every object has', () => {
    expect(kindsWithSetting('toString')).toEqual([]);
  });
});
