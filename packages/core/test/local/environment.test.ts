import { RESERVED_VARIABLES, serviceEnvironment } from '../../src/local/environment.ts';
import { DEFAULT_SETTINGS } from '../../src/local/settings.ts';

const service = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  serviceName: 'svc',
  entryScript: '/app/score.ts',
  sourceDirectory: '/app',
  modelDirectory: '/models/m/1',
  scriptVariables: { MODE: 'script' },
  settings: DEFAULT_SETTINGS,
  defaultStorage: 'file:///data',
};

describe('serviceEnvironment', () => {
  it('lets no switch of the parent process leak into the service', () => {
    const inherited = Object.fromEntries(Object.keys(RESERVED_VARIABLES).map((name) => [name, 'leak']));
    const env = serviceEnvironment(service, { ...inherited, PATH: '/bin' });

    expect(Object.values(env)).not.toContain('leak');
    expect(env).toMatchObject({
      PATH: '/bin',
      MODE: 'script',
      SERVICE_NAME: 'svc',
      WORKSPACE_NAME: 'ws',
      AZUREML_MODEL_DIR: '/models/m/1',
    });
    expect(env).toMatchObject({ AML_MODEL_DC_STORAGE_ENABLED: 'false', AML_APP_INSIGHTS_ENABLED: 'false' });
  });

  it('names the default storage when collection is on, and the given one when there is one', () => {
    const on = { ...DEFAULT_SETTINGS, collectModelData: true };

    expect(serviceEnvironment({ ...service, settings: on }, {})).toMatchObject({
      AML_MODEL_DC_STORAGE_ENABLED: 'true',
      AML_MODEL_DC_STORAGE: 'file:///data',
    });
    expect(
      serviceEnvironment({ ...service, settings: { ...on, storage: 'https://a.test' } }, {})['AML_MODEL_DC_STORAGE'],
    ).toBe('https://a.test');
  });

  it("takes the caller's connection string only when telemetry is on and none is given", () => {
    const inherited = { APPLICATIONINSIGHTS_CONNECTION_STRING: 'inherited' };
    const on = { ...DEFAULT_SETTINGS, enableAppInsights: true };

    expect(serviceEnvironment({ ...service, settings: on }, inherited)['APPLICATIONINSIGHTS_CONNECTION_STRING']).toBe(
      'inherited',
    );
    const given = { ...on, appInsightsConnectionString: 'given' };
    expect(
      serviceEnvironment({ ...service, settings: given }, inherited)['APPLICATIONINSIGHTS_CONNECTION_STRING'],
    ).toBe('given');
  });

  it("takes the caller's key only when telemetry is on and there is no connection string", () => {
    const inherited = { AML_APP_INSIGHTS_KEY: 'key' };
    const variables = (settings: object, more = {}) => {
      const env = serviceEnvironment(
        { ...service, settings: { ...DEFAULT_SETTINGS, ...settings } },
        { ...inherited, ...more },
      );
      return [env['AML_APP_INSIGHTS_KEY'], env['APPLICATIONINSIGHTS_CONNECTION_STRING']];
    };

    expect(variables({})).toEqual([undefined, undefined]);
    expect(variables({ enableAppInsights: true })).toEqual(['key', undefined]);
    expect(variables({ enableAppInsights: true, appInsightsConnectionString: 'given' })).toEqual([undefined, 'given']);
    expect(variables({ enableAppInsights: true }, { APPLICATIONINSIGHTS_CONNECTION_STRING: 'inherited' })).toEqual([
      undefined,
      'inherited',
    ]);
  });
});
