import { checkTelemetryEnvelope } from '../../src/index.ts';
import { KEY, requestItem, traceItem } from './support.ts';

const check = (envelope: unknown) => checkTelemetryEnvelope(envelope, KEY);

describe('checkTelemetryEnvelope', () => {
  it.each<[string, unknown]>([
    ['a trace', traceItem()],
    [
      'a trace with the key in its name',
      traceItem({ envelope: { name: `Microsoft.ApplicationInsights.${KEY.replaceAll('-', '')}.Message` } }),
    ],
    ['a severity in digits', traceItem({ baseData: { severityLevel: '1' } })],
    ['a request', requestItem()],
    ['a request that took a day', requestItem({ duration: '1.00:00:00' })],
    ['a message of exactly 32,768 characters', traceItem({ baseData: { message: 'x'.repeat(32_768) } })],
    ['a property of exactly 8,192 bytes', traceItem({ baseData: { properties: { Contents: 'é'.repeat(4096) } } })],
    [
      'an exception',
      traceItem({
        envelope: { name: 'Microsoft.ApplicationInsights.Exception' },
        baseType: 'ExceptionData',
        baseData: {
          exceptions: [
            {
              typeName: 'TypeError',
              message: 'x is not a function',
              hasFullStack: true,
              parsedStack: [{ level: 0, method: 'run', fileName: 'score.ts', line: 3 }],
            },
          ],
        },
      }),
    ],
    [
      'a metric',
      traceItem({
        envelope: { name: 'Microsoft.ApplicationInsights.Metric' },
        baseType: 'MetricData',
        baseData: { metrics: [{ name: 'rows', value: 3 }] },
      }),
    ],
  ])('accepts %s', (_what, envelope) => {
    expect(check(envelope)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['a text', 'hello', 'JSON object'],
    ['another key', traceItem({ envelope: { iKey: KEY.toUpperCase() } }), 'iKey'],
    ['a missing key', traceItem({ envelope: { iKey: undefined } }), 'iKey'],
    ['a time without zone', traceItem({ envelope: { time: '2026-11-21T10:00:00' } }), 'time'],
    ['a time that is no time', traceItem({ envelope: { time: '2026-13-41T10:00:00Z' } }), 'time'],
    ['a name of another kind', traceItem({ envelope: { name: 'Microsoft.ApplicationInsights.Request' } }), 'name'],
    ['an unknown kind', traceItem({ baseType: 'toString' }), 'baseType'],
    ['no data', traceItem({ envelope: { data: undefined } }), 'data'],
    ['another version of the data', traceItem({ baseData: { ver: 1 } }), 'baseData.ver'],
    ['no message', traceItem({ baseData: { message: undefined } }), 'baseData.message is required'],
    ['a message one character too long', traceItem({ baseData: { message: 'x'.repeat(32_769) } }), '32768'],
    ['an unknown severity', traceItem({ baseData: { severityLevel: 'Loud' } }), 'severityLevel'],
    ['a property that is no text', traceItem({ baseData: { properties: { n: 1 } } }), 'property "n"'],
    ['a property one byte too long', traceItem({ baseData: { properties: { n: `${'é'.repeat(4096)}x` } } }), '8192'],
    ['a property name too long', traceItem({ baseData: { properties: { ['k'.repeat(151)]: '' } } }), '150'],
    ['a measurement that is no number', traceItem({ baseData: { measurements: { n: '1' } } }), 'measurement "n"'],
    ['a tag that is no text', traceItem({ envelope: { tags: { 'ai.cloud.role': 1 } } }), 'ai.cloud.role'],
    ['an operation id too long', traceItem({ envelope: { tags: { 'ai.operation.id': 'a'.repeat(129) } } }), '128'],
    ['a sample rate of 0', traceItem({ envelope: { sampleRate: 0 } }), 'sampleRate'],
    ['a duration in milliseconds', requestItem({ duration: 12 }), 'duration'],
    ['a duration of 24 hours in the hour field', requestItem({ duration: '24:00:00' }), 'duration'],
    ['a status as a number', requestItem({ responseCode: 200 }), 'responseCode'],
    ['no success', requestItem({ success: undefined }), 'success is required'],
    [
      'an exception list without entries',
      traceItem({
        envelope: { name: 'Microsoft.ApplicationInsights.Exception' },
        baseType: 'ExceptionData',
        baseData: { exceptions: [] },
      }),
      'exceptions',
    ],
  ])('refuses %s', (_what, envelope, reason) => {
    expect(check(envelope)).toContain(reason);
  });

  it('refuses an item above 64 KB although each of its properties is small enough', () => {
    const properties = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, 'x'.repeat(8000)]));
    expect(check(traceItem({ baseData: { properties } }))).toContain('65536 bytes');
  });
});
