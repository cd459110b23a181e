import { checkTelemetryEnvelope } from './envelope-check.ts';
import { flattenEnvelope, type TelemetryItem } from './item.ts';
import type { JsonRecord } from './json-record.ts';
import { parseItems } from './parse-items.ts';

/** One refused item, as the service reports it. */
export interface TelemetryItemError {
  /** Place of the item in the request, from 0. */
  readonly index: number;
  /** Why, as a status: 400 for a broken rule, 429 or 500 for one that may be sent again. */
  readonly statusCode: number;
  /** Why, in words. */
  readonly message: string;
}

/** What the service makes of one body. @internal */
export interface Ingested {
  readonly status: 200 | 206 | 400;
  readonly received: number;
  readonly accepted: readonly TelemetryItem[];
  readonly errors: readonly TelemetryItemError[];
}

/**
 * Sorts the items of a body into accepted and refused ones.
 *
 * @param refuse Items that a test wants refused although nothing is wrong with them.
 * @internal
 */
export function ingest(text: string, instrumentationKey: string, refuse: readonly TelemetryItemError[]): Ingested {
  const parsed = parseItems(text);
  if ('fault' in parsed) {
    return { status: 400, received: 0, accepted: [], errors: [{ index: 0, statusCode: 400, message: parsed.fault }] };
  }
  const accepted: TelemetryItem[] = [];
  const errors: TelemetryItemError[] = [];
  for (const [index, item] of parsed.items.entries()) {
    const fault = item.fault ?? checkTelemetryEnvelope(item.value, instrumentationKey);
    const asked = refuse.find((error) => error.index === index);
    if (fault !== undefined) {
      errors.push({ index, statusCode: 400, message: fault });
    } else if (asked !== undefined) {
      errors.push(asked);
    } else {
      accepted.push(flattenEnvelope(item.value as JsonRecord));
    }
  }
  const status = errors.length === 0 ? 200 : accepted.length > 0 ? 206 : 400;
  return { status, received: parsed.items.length, accepted, errors };
}
