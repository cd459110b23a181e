import { DEFAULT_SETTINGS } from '../../src/local/settings.ts';
import { settingChanges } from '../../src/local/update-changes.ts';

describe('settingChanges', () => {
  it('names what differs, environment variables one by one, with text masked', () => {
    const from = {
      ...DEFAULT_SETTINGS,
      storage: 'https://a.test?sig=secret',
      environmentVariables: { A: 'secret', B: 'b', 'odd/~name': '1' },
    };
    const to = {
      ...from,
      collectModelData: true,
      storage: undefined,
      appInsightsConnectionString: 'InstrumentationKey=secret',
      environmentVariables: { A: 'other secret', B: 'b', C: '' },
    };
    const changes = settingChanges(from, to);

    expect(changes).toEqual([
      { path: '/collectModelData', from: false, to: true },
      { path: '/storage', from: '[redacted]', to: undefined },
      { path: '/appInsightsConnectionString', from: undefined, to: '[redacted]' },
      { path: '/environmentVariables/A', from: '[redacted]', to: '[redacted]' },
      { path: '/environmentVariables/odd~1~0name', from: '[redacted]', to: undefined },
      { path: '/environmentVariables/C', from: undefined, to: '[redacted]' },
    ]);
    expect(JSON.stringify(changes)).not.toContain('secret');
  });

  it('is empty for equal settings', () => {
    expect(settingChanges(DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, environmentVariables: {} })).toEqual([]);
  });
});
