import type { JsonRecord } from './json-record.ts';

/** A telemetry item that the stand-in accepted, with its nested parts laid open. */
export interface TelemetryItem {
  /** Name of the envelope, for example `Microsoft.ApplicationInsights.Message`. */
  readonly name: string;
  /** Kind of the data, for example `MessageData`, `RequestData` or `ExceptionData`. */
  readonly baseType: string;
  /** Time of the event as it was sent, ISO 8601. */
  readonly time: string;
  /** Tags such as `ai.operation.id` and `ai.cloud.role`. */
  readonly tags: Readonly<Record<string, string>>;
  /** The fields of the kind (`message`, `severityLevel`, `responseCode`, ...), as they were sent. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Custom properties: `customDimensions` in queries. */
  readonly properties: Readonly<Record<string, string>>;
  /** Instrumentation key of the item. */
  readonly iKey: string;
  /** Share of items that were kept, in percent; 100 when the item does not say. */
  readonly sampleRate: number;
}

/** Lays open an envelope that passed the checks. @internal */
export function flattenEnvelope(envelope: JsonRecord): TelemetryItem {
  const { baseType, baseData } = envelope.data as { baseType: string; baseData: JsonRecord };
  return {
    name: envelope.name as string,
    baseType,
    time: envelope.time as string,
    tags: (envelope.tags ?? {}) as Record<string, string>,
    data: baseData,
    properties: (baseData.properties ?? {}) as Record<string, string>,
    iKey: envelope.iKey as string,
    sampleRate: (envelope.sampleRate ?? 100) as number,
  };
}
