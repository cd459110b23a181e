import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/checkout.ts';
import type { CaseMeaning } from './meaning.ts';
import { type PlayedRequests, playFailedStart, playRequests } from './play-server.ts';
import { readPythonDictionary } from './python-literal.ts';
import { pythonText } from './python-text.ts';
import { MADE_REQUESTS } from './requests.ts';
import { runTelemetry, type TelemetryPlayer } from './telemetry-runner.ts';

const FOLDER = join(ROOT, 'test', 'golden', 'inference-server');
const scoring = readFileSync(join(FOLDER, 'azmlinfsrv_1.5.1_scoring.ndjson'), 'utf8');
const failedStart = readFileSync(join(FOLDER, 'azmlinfsrv_1.5.1_init_failure.ndjson'), 'utf8');

interface Envelope {
  time: string;
  tags: Record<string, unknown>;
  data: { baseType: string; baseData: Record<string, unknown> & { properties: Record<string, unknown> } };
}

/** A recording after a change of the first item that is looked for. */
function changed(text: string, find: (item: Envelope) => boolean, change: (item: Envelope) => void): string {
  let isDone = false;
  const lines = text
    .trim()
    .split('\n')
    .map((line) => {
      const batch = JSON.parse(line) as { envelopes: Envelope[] };
      for (const envelope of batch.envelopes) {
        if (!isDone && find(envelope)) {
          isDone = true;
          change(envelope);
        }
      }
      return JSON.stringify(batch);
    });
  if (!isDone) {
    throw new Error('There is no such item.');
  }
  return lines.join('\n');
}

const ofKind =
  (baseType: string, text = '') =>
  (item: Envelope) =>
    item.data.baseType === baseType && JSON.stringify(item).includes(text);

describe('a recording of telemetry', () => {
  let played: PlayedRequests;
  let started: CaseMeaning;

  /** Our server is played once; each comparison starts from what it told then. */
  const player = (change: (cases: CaseMeaning[]) => void = () => undefined): TelemetryPlayer => ({
    requests: async (made) => {
      const cases = MADE_REQUESTS.flatMap((request, index) => (made.includes(request) ? [played.cases[index]] : []));
      const copy = structuredClone(cases) as CaseMeaning[];
      change(copy);
      return { ...played, cases: copy };
    },
    failedStart: async () => structuredClone(started),
  });
  const failures = async (text: string, change?: (cases: CaseMeaning[]) => void) =>
    (await runTelemetry(text, player(change))).filter(({ outcome }) => outcome === 'failed');

  beforeAll(async () => {
    played = await playRequests(MADE_REQUESTS);
    started = await playFailedStart();
  }, 60_000);

  it('has no difference to ours that the rules do not explain', async () => {
    expect(await failures(scoring)).toEqual([]);
    expect(await failures(failedStart)).toEqual([]);
  });

  it.each<[string, Envelope['data']['baseType'], string, (item: Envelope) => void, RegExp]>([
    [
      'another status',
      'RequestData',
      'rid-3',
      ({ data }) => Object.assign(data.baseData.properties, { resultCode: '503' }),
      /request\.status: recorded "503", ours "500"/,
    ],
    [
      'another answer',
      'RequestData',
      'rid-1',
      ({ data }) => Object.assign(data.baseData.properties, { 'Response Value': '{"len": 27}' }),
      /request\.answer.*recorded \{?"?.*27/,
    ],
    [
      'another client id',
      'MessageData',
      "'Request Id': 'rid-1'",
      ({ data: { baseData } }) => {
        const text = String(baseData.properties['custom_dimensions']);
        baseData.properties['custom_dimensions'] = text.replace('crid-1', 'crid-2');
      },
      /bodies\.clientRequestId: recorded "crid-2", ours "crid-1"/,
    ],
    [
      'another print',
      'MessageData',
      'line1',
      ({ data }) => Object.assign(data.baseData, { message: 'line1\nline3' }),
      /prints\.1\.value: recorded "line1\\nline3", ours "line1\\nline2"/,
    ],
    [
      'another beginning of a text that was cut',
      'MessageData',
      '{\\"input\\": \\"xxx',
      ({ data: { baseData } }) => {
        baseData['message'] = String(baseData['message']).replace('xxx', 'xzx');
      },
      /prints\.0\.value: recorded "cut: /,
    ],
    [
      'another error',
      'ExceptionData',
      'bad feature row',
      ({ data: { baseData } }) => {
        baseData['exceptions'] = JSON.parse(JSON.stringify(baseData['exceptions']).replace('bad feature', 'bad'));
      },
      /failures\.0\.message: recorded "bad row", ours "bad feature row"/,
    ],
    [
      'another workspace',
      'RequestData',
      'rid-2',
      ({ data }) => Object.assign(data.baseData.properties, { 'Workspace Name': 'other' }),
      /request\.workspace: recorded "other", ours "my-ws"/,
    ],
  ])('fails when it has %s', async (_, baseType, text, change, line) => {
    expect(await failures(changed(scoring, ofKind(baseType, text), change))).toEqual([
      expect.objectContaining({ lines: expect.arrayContaining([expect.stringMatching(line)]) }),
    ]);
  });

  it.each<[string, (cases: CaseMeaning[]) => void, RegExp]>([
    ['a request item', ([first]) => put(first, { request: undefined }), /^request: recorded \{/],
    ['a print', ([, second]) => put(second, { prints: [] }), /^prints\.0: recorded \{.*ours nothing$/],
    ['a failure', ([, , third]) => put(third, { failures: [] }), /^failures\.0: recorded \{/],
    ['the bodies', ([first]) => put(first, { bodies: undefined }), /^bodies: recorded \{/],
    ['the operation of a print', ([, second]) => put(second?.prints[0], { isJoined: false }), /rule print-joined/],
    [
      'the operation of a failure',
      ([, , third]) => put(third?.failures[0], { isJoined: false }),
      /rule failure-joined/,
    ],
    [
      'the mark of a text that was cut',
      ([, , , fourth]) => put(fourth?.bodies, { output: 'cut: {' }),
      /^bodies\.output/,
    ],
    ['the failure of a request', ([, , third]) => put(third?.request?.columns, { success: true }), /rule true-result/],
  ])('fails when ours lacks %s', async (_, change, line) => {
    const lines = (await failures(scoring, change)).flatMap((verdict) => verdict.lines);

    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(line)]));
  });

  it('fails when ours tells what nobody asked for', async () => {
    const more = (cases: CaseMeaning[]) => put(cases[0], { others: ['EventData'] });

    expect((await failures(scoring, more)).flatMap(({ lines }) => lines)).toEqual([
      'others.0: recorded nothing, ours "EventData"',
    ]);
  });

  it('fails when ours does not end as it should after a failed start', async () => {
    started = { ...started, exitCode: 1 };

    expect((await failures(failedStart)).flatMap(({ lines }) => lines)).toEqual(['exitCode: recorded 3, ours 1']);
  });

  it('is played as far as it goes, and fails where nobody knows what the script did', async () => {
    const request = (item: Envelope) => item.data.baseType === 'RequestData';
    const other = changed(scoring, request, ({ data }) => {
      Object.assign(data.baseData.properties, { 'Request Id': 'rid-9' });
    });

    expect(await failures(other)).toEqual([
      expect.objectContaining({ name: 'request 1', lines: [expect.stringContaining('not known what the script did')] }),
    ]);
  });

  it.each<[string, Envelope['data']['baseType'], (item: Envelope) => void, RegExp]>([
    ['kind', 'MessageData', ({ data }) => put(data, { baseType: 'EventData' }), /kind .* EventData/],
    [
      'property',
      'RequestData',
      ({ data }) => put(data.baseData.properties, { extra: '1' }),
      /properties has keys .* extra/,
    ],
    ['field', 'MessageData', ({ data }) => put(data.baseData, { measurements: {} }), /keys .* measurements/],
    ['tag', 'RequestData', ({ tags }) => put(tags, { 'ai.user.id': 'x' }), /keys .* ai\.user\.id/],
    ['metric', 'MetricData', ({ data }) => put(data.baseData, { metrics: [{ name: 'm', value: 1 }] }), /metric/],
    [
      'maker',
      'MessageData',
      ({ data }) => put(data.baseData.properties, { 'code.function.name': 'info' }),
      /function that this runner does not know: info/,
    ],
    ['place', 'MessageData', (item) => put(item, { time: '2026-11-21T00:00:00.0Z' }), /outside of every request/],
  ])('cannot be read with a %s that is not known', async (_, baseType, change, reason) => {
    await expect(runTelemetry(changed(scoring, ofKind(baseType), change), player())).rejects.toThrow(reason);
  });
});

describe('texts of Python', () => {
  it('are read: dictionaries of texts and tuples, also when they were cut', () => {
    expect(readPythonDictionary(`{'a': ('m:1',), 'b': "it's", 'c': 'x\\'\\n\\\\'}`)).toEqual({
      values: { a: ['m:1'], b: "it's", c: "x'\n\\" },
      cutAt: undefined,
    });
    expect(readPythonDictionary(`{'a': 'b', 'c': 'brok`)).toEqual({ values: { a: 'b', c: 'brok' }, cutAt: 'c' });
    expect(() => readPythonDictionary(`{'a': 1}`)).toThrow('no text at 6');
  });

  it('are written as print does', () => {
    expect(['a', 1, { k: [true, null, "it's"] }].map(pythonText).join(' ')).toBe("a 1 {'k': [True, None, 'it\\'s']}");
  });
});

function put(target: object | undefined, fields: object): void {
  Object.assign(target ?? {}, fields);
}
