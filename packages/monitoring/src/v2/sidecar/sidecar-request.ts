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
 * Most bytes of all headers of one request. What has more, many servers answer by hanging up, which looks like a passing
 * fault: the record would be sent again for ever, and all records behind it would wait.
 */
const MAX_HEADER_BYTES = 8_192;
/** What the headers take that are much the same for every record. */
const COMMON_BYTES = 512;
/** Between name and value, and at the end of the line. */
const SEPARATOR_BYTES = 4;

/** Headers that a record has from its context. */
export interface ContextHeaders {
  /** Those that go along. */
  readonly kept: readonly (readonly [name: string, value: string])[];
  /** Names of those that do not: a name that cannot stand in a header or is taken, or no room. */
  readonly leftOut: readonly string[];
  /** Whether correlation id, collection and version alone take more than a request can have. */
  readonly isTooLong: boolean;
}

/** Headers of a context as `ce-<name>`, as far as there is room. */
export function contextHeaders(
  { correlationId, headers }: Pick<SidecarRecord, 'correlationId' | 'headers'>,
  { collection, modelVersion }: Pick<SidecarLayout, 'collection' | 'modelVersion'>,
): ContextHeaders {
  let room = MAX_HEADER_BYTES - COMMON_BYTES;
  for (const text of [correlationId, collection, modelVersion]) {
    room -= text.length > MAX_HEADER_BYTES ? text.length : headerValue(text).length;
  }
  if (room < 0) {
    return { kept: [], leftOut: [], isTooLong: true };
  }
  const kept: [string, string][] = [];
  const leftOut: string[] = [];
  const taken = new Set(RESERVED);
  for (const [name, given] of headers) {
    const full = `ce-${name}`;
    const value = given.length > room ? undefined : headerValue(given);
    const size = full.length + (value?.length ?? room) + SEPARATOR_BYTES;
    if (value !== undefined && size <= room && isHeaderName(full) && !taken.has(full.toLowerCase())) {
      taken.add(full.toLowerCase());
      kept.push([full, value]);
      room -= size;
    } else {
      leftOut.push(name);
    }
  }
  return { kept, leftOut, isTooLong: false };
}

/**
 * The headers of a record, in the order in which the Python collector sends them; those of the context come behind.
 *
 * @returns `undefined` when they are too long for any request.
 */
export function sidecarHeaders(record: SidecarRecord, layout: SidecarLayout): Record<string, string> | undefined {
  const { kept, isTooLong } = contextHeaders(record, layout);
  if (isTooLong) {
    return undefined;
  }
  return {
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
    ...Object.fromEntries(kept),
    'Content-Length': String(record.body.length),
  };
}
