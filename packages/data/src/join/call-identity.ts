import { userIdOfPython } from '../rows/python-cells.ts';
import type { CallColumns } from '../rows/row-builder.ts';

/** A collector's own id: a writer, and a sequence without gaps. */
const COLLECTED_ID = /^(.+)-([1-9]\d{0,14})$/s;
/** What the Python collector writes outside a request. */
const NO_REQUEST = '00000000-0000-0000-0000-000000000000';

/** The caller's own id: its column, else what the Python collector put before its UUID; empty when there is none. */
export function userIdOf(call: CallColumns): string {
  return call.userCorrelationId || userIdOfPython(call.id);
}

/** Id of the HTTP request; empty when the row was scored outside one. */
export function requestIdOf(call: CallColumns): string {
  return call.requestId === NO_REQUEST ? '' : call.requestId;
}

/** When the row was scored, ISO 8601 UTC: the Python collector leaves the zone out. Other texts stay as they are. */
export function scoredAt(call: CallColumns): string {
  const text = call.scoringTimestamp;
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
}

/** A text that sorts as the time does: fractions of a second have as many digits as they like. */
export function timeKey(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.', 2);
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

/** A text that sorts as the ids were given: numbers by their value. */
export function idKey(id: string): string {
  const parts = COLLECTED_ID.exec(id);
  return parts === null ? id : `${parts[1]}-${(parts[2] ?? '').padStart(15, '0')}`;
}
