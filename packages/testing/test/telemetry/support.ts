import type { TelemetryStandIn } from '../../src/index.ts';

export const KEY = '5ca1ab1e-0000-4000-8000-0000c0ffee00';

/** An item that breaks no rule. */
export function traceItem(changes: { envelope?: object; baseData?: object; baseType?: string } = {}) {
  return {
    ver: 1,
    name: 'Microsoft.ApplicationInsights.Message',
    time: '2026-11-21T10:00:00.000Z',
    sampleRate: 100,
    iKey: KEY,
    tags: { 'ai.operation.id': 'a'.repeat(32) },
    data: {
      baseType: changes.baseType ?? 'MessageData',
      baseData: { ver: 2, message: 'STDOUT', severityLevel: 'Information', properties: {}, ...changes.baseData },
    },
    ...changes.envelope,
  };
}

export function requestItem(baseData: object = {}) {
  return traceItem({
    envelope: { name: 'Microsoft.ApplicationInsights.Request' },
    baseType: 'RequestData',
    baseData: {
      message: undefined,
      id: '0123456789abcdef',
      name: 'POST /score',
      duration: '0.00:00:00.0120000',
      responseCode: '200',
      success: true,
      ...baseData,
    },
  });
}

export async function post(
  standIn: TelemetryStandIn,
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = '/v2.1/track',
): Promise<{ status: number; headers: Headers; json: () => unknown; text: string }> {
  const response = await fetch(standIn.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}
