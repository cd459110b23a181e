import { FakeError, fakeLibrary } from './fake-library.ts';
import { MODEL_MANAGEMENT_PATH } from './placeholders.ts';
import { runScenario } from './scenario-runner.ts';

const SERVICE = `${MODEL_MANAGEMENT_PATH}/services/svc`;
const ARM = { authorization: 'Bearer {armToken}' };
const reading = {
  method: 'GET',
  path: '{mms}/services/svc',
  query: [['expand', 'true']],
  headers: { ...ARM, 'content-type': 'application/json' },
  json: null,
  text: null,
  response: { status: 200, headers: {}, json: { computeType: 'AKS', state: 'Healthy', description: 'd' } },
};
const patch = (value: unknown, name = 'description') => ({
  method: 'PATCH',
  path: '{mms}/services/svc',
  query: [],
  headers: { ...ARM, 'content-type': 'application/json-patch+json' },
  json: [{ op: 'replace', path: `/${name}`, value }],
  text: null,
  response: { status: 200, headers: {}, json: {} },
});
const logs = (response: object) => ({
  ...reading,
  path: '{mms}/services/svc/logs',
  query: [
    ['tail', '5000'],
    ['init', 'False'],
  ],
  response,
});
const entry = (fields: object) => ({
  note: null,
  steps: [{ do: 'get', service: 'svc' }],
  requests: [reading],
  sleeps: [],
  stdout: '',
  result: null,
  error: null,
  resultOf: null,
  errorAt: null,
  ...fields,
});
const update = {
  steps: [
    { do: 'get', service: 'svc' },
    { do: 'update', args: { description: 'new' } },
  ],
};
const getLogs = { steps: [{ do: 'get', service: 'svc' }, { do: 'getLogs' }] };

describe('a scenario', () => {
  it('is equal when the same requests are sent and the same comes out', async () => {
    const scenario = entry({ ...update, requests: [reading, patch('new')], result: null, resultOf: 1 });

    expect(await runScenario(fakeLibrary(), 'a', scenario)).toEqual({
      name: 'a',
      outcome: 'equal',
      lines: [],
      rules: [],
    });
  });

  it.each([
    ['another value', [patch('other')], /body \/description > value: recorded "other", ours "new"/],
    ['one step less', [{ ...patch('new'), json: [] }], /body \/description: recorded nothing, ours \{/],
    [
      'another content type',
      [{ ...patch('new'), headers: { ...ARM, 'content-type': 'text/plain' } }],
      /content type: /,
    ],
    [
      'another token',
      [{ ...patch('new'), headers: { ...patch('new').headers, authorization: 'Bearer x' } }],
      /authorization/,
    ],
    ['another query', [{ ...patch('new'), query: [['a', 'b']] }], /query a: recorded \["b"\], ours nothing/],
    [
      'a request more',
      [patch('new'), logs({ status: 200, headers: {} })],
      /missing request: GET \{mms\}\/services\/svc\/logs/,
    ],
    ['no request', [], /further request: PATCH \{mms\}\/services\/svc/],
  ])('fails when %s was recorded', async (_, requests, line) => {
    const verdict = await runScenario(fakeLibrary(), 'a', entry({ ...update, requests: [reading, ...requests] }));

    expect(verdict).toMatchObject({ outcome: 'failed', lines: [expect.stringMatching(line)] });
  });

  it('fails when something else comes out', async () => {
    const scenario = entry({
      ...getLogs,
      requests: [reading, logs({ status: 200, headers: {}, json: { content: 'line 1' } })],
      result: 'line 2',
      resultOf: 1,
    });

    expect(await runScenario(fakeLibrary(), 'a', scenario)).toMatchObject({
      outcome: 'failed',
      lines: ['other result: step 1: recorded "line 2", ours "line 1"'],
    });
  });

  it('compares errors by what they mean: the status, or the code of ours', async () => {
    const error = (message: string) => ({
      error: { type: 'WebserviceException', message, status_code: null },
      errorAt: 1,
    });
    const refused = entry({ ...getLogs, ...error('Received bad response\nResponse Code: 404\nHeaders: {}') });
    const play = (library = fakeLibrary({ logsError: new FakeError('X', 'x', 404) })) =>
      runScenario(library, 'a', refused);

    expect(await play()).toMatchObject({ outcome: 'equal' });
    expect(await play(fakeLibrary({ logsError: new FakeError('X', 'x', 500) }))).toMatchObject({ outcome: 'failed' });
    expect(await play(fakeLibrary({ logsError: new TypeError('slip') }))).toMatchObject({ outcome: 'failed' });
    const missing = {
      ...reading,
      response: { status: 404, headers: {}, json: {} },
    };
    const notFound = entry({ ...error('WebserviceNotFound: svc'), errorAt: 0, requests: [missing] });
    expect(await runScenario(fakeLibrary(), 'a', notFound)).toMatchObject({ outcome: 'equal' });
  });

  it('fails when ours fails where the peer does not, and the other way round', async () => {
    const lines = async (scenario: object, library = fakeLibrary()) =>
      (await runScenario(library, 'a', scenario)).lines;
    const answer = logs({ status: 200, headers: {}, json: { content: 'x' } });

    expect(
      await lines(
        entry({ ...getLogs, requests: [reading, answer] }),
        fakeLibrary({ logsError: new FakeError('X', 'x') }),
      ),
    ).toEqual([expect.stringContaining('missing request'), expect.stringContaining('recorded null')]);
    expect(
      await lines(
        entry({
          ...getLogs,
          requests: [reading, answer],
          error: { type: 'WebserviceException', message: 'no' },
          errorAt: 1,
        }),
      ),
    ).toEqual([expect.stringMatching(/ours null$/)]);
  });

  it('is explained by a rule only when the behaviour of the rule shows', async () => {
    const git = { op: 'add', path: '/properties/azureml.git.branch', value: 'main' };
    const other = { op: 'add', path: '/properties/branch', value: 'main' };
    const play = async (step: object) => {
      const recorded = { ...patch('new'), json: [...patch('new').json, step] };
      const { outcome, rules } = await runScenario(
        fakeLibrary(),
        'a',
        entry({ ...update, requests: [reading, recorded] }),
      );
      return { outcome, rules };
    };

    expect(await play(git)).toEqual({ outcome: 'explained', rules: ['no-git-properties'] });
    expect(await play(other)).toEqual({ outcome: 'failed', rules: [] });
  });

  it('does not care what it is called', async () => {
    const scenario = entry({ ...update, requests: [reading, patch('other')] });
    const names = ['update_with_git_tracking', 'wait_timeout', 'x'];
    const verdicts = await Promise.all(names.map((name) => runScenario(fakeLibrary(), name, scenario)));

    expect(new Set(verdicts.map(({ outcome, lines }) => `${outcome} ${lines}`)).size).toBe(1);
  });

  it.each([
    ['a key of the scenario', { extra: 1 }, /the scenario has keys that this runner does not know: extra/],
    ['a key of a request', { requests: [{ ...reading, extra: 1 }] }, /request 0 has keys .* extra/],
    [
      'a key of an answer',
      { requests: [{ ...reading, response: { status: 200, delay: 1 } }] },
      /response has keys .* delay/,
    ],
    ['a kind of step', { steps: [{ do: 'dance' }] }, /does not know: dance/],
    ['an argument', { steps: [{ do: 'getLogs', args: { since: 1 } }] }, /getLogs.*does not know: since/],
    ['a field beside', { steps: [{ do: 'get', service: 'svc', version: 2 }] }, /does not know: version/],
  ])('fails when %s is not known', async (_, fields, line) => {
    const verdict = await runScenario(fakeLibrary(), 'a', entry(fields));

    expect(verdict).toMatchObject({ outcome: 'failed', lines: [expect.stringMatching(line)] });
  });

  it('fails when the library lacks what a step needs, whatever the rules say', async () => {
    const scenario = entry({
      steps: [{ do: 'get', service: 'svc' }, { do: 'getKeys' }],
      error: { type: 'AttributeError', message: 'x' },
      errorAt: 1,
    });

    expect(await runScenario(fakeLibrary({ lacksKeys: true }), 'a', scenario)).toMatchObject({
      outcome: 'failed',
      lines: ['step 1 (getKeys): our library has no method getKeys', expect.stringContaining('other error')],
    });
  });

  it.each([
    [{ steps: null, note: 'a tuple' }, /has no JSON form: a tuple/],
    [{ steps: [], requests: [] }, /has no JSON form/],
  ])('is not run when it cannot be: %j', async (fields, reason) => {
    expect(await runScenario(fakeLibrary(), 'a', entry(fields))).toMatchObject({
      outcome: 'not run',
      lines: [expect.stringMatching(reason)],
    });
  });

  it('gets the answers to one method and path in their order, and the last one again', async () => {
    const answers = ['a', 'b'].map((content) => logs({ status: 200, headers: {}, json: { content } }));
    const scenario = entry({
      steps: [...getLogs.steps, { do: 'getLogs' }],
      requests: [reading, ...answers],
      result: ['a', 'b'],
      resultOf: [1, 2],
    });

    expect(await runScenario(fakeLibrary(), 'a', scenario)).toMatchObject({ outcome: 'equal' });
    expect(
      (await runScenario(fakeLibrary(), 'a', entry({ ...scenario, steps: [...scenario.steps, { do: 'getLogs' }] })))
        .lines,
    ).toEqual([expect.stringContaining('further request')]);
  });

  it('knows the service by nothing but what is sent', async () => {
    const elsewhere = fakeLibrary({ update: () => [{ method: 'PATCH', path: `${SERVICE}x`, body: [] }] });

    expect((await runScenario(elsewhere, 'a', entry({ ...update, requests: [reading, patch('new')] }))).lines).toEqual([
      expect.stringContaining('missing request: PATCH'),
      expect.stringContaining('further request: PATCH'),
    ]);
  });
});
