import { DATA_TYPE, PYTHON_AGENT, TYPE_PREFIX } from '../record.ts';
import { headerValue, isHeaderName } from './header-text.ts';
import type { SidecarLayout, SidecarRecord } from './sidecar-layout.ts';

/** Where the sidecar takes records. Source: the Python collector. */
export const SIDECAR_PATH = '/modeldata/log';

/** Names that a context's headers must not take: those of the record itself, and those of HTTP. */
const RESERVED = new Set([
  'ce-time',
  'ce-type',
  'ce-collect-data-type',
  'ce-agent',
  'ce-x-request-id',
  'ce-model-version',
]);

/**
 * The headers of a record, in the order in which the Python collector sends them.
 *
 * Headers of the context come behind, as `ce-<name>`. One whose name cannot stand in a header, or is taken, is left out.
 */
export function sidecarHeaders(record: SidecarRecord, layout: SidecarLayout): Record<string, string> {
  const headers: Record<string, string> = {
    'User-Agent': 'azureml-ts',
    'Accept-Encoding': 'identity',
    Accept: '*/*',
    Connection: 'keep-alive',
    'Content-Type': 'application/json',
    'trace-id': record.id,
    'ce-time': record.time,
    'ce-type': headerValue(`${TYPE_PREFIX}${layout.collection}`),
    'ce-collect-data-type': DATA_TYPE,
    'ce-agent': PYTHON_AGENT,
    'ce-x-request-id': headerValue(record.correlationId),
    'ce-model-version': headerValue(layout.modelVersion),
  };
  const taken = new Set(RESERVED);
  for (const [name, value] of record.headers) {
    const full = `ce-${name}`;
    if (isHeaderName(full) && !taken.has(full.toLowerCase())) {
      taken.add(full.toLowerCase());
      headers[full] = headerValue(value);
    }
  }
  headers['Content-Length'] = String(record.body.length);
  return headers;
}

/** Headers of a context that cannot go along, for a report. */
export function headersLeftOut(headers: readonly (readonly [name: string, value: string])[]): string[] {
  return headers.flatMap(([name]) => (isHeaderName(`ce-${name}`) ? [] : name));
}
