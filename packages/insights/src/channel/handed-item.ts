import type { SerializedItem } from '../items/envelope.ts';
import type { AttributeValue, HrTime } from './open-telemetry.ts';

/** An item as the package's channel reads it. @internal */
export interface HandedItem {
  readonly baseType: string;
  readonly time: number;
  readonly sampleRate: number;
  readonly traceId: string | undefined;
  readonly parentSpanId: string | undefined;
  readonly baseData: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** @internal */
export function readItem({ json }: SerializedItem): HandedItem {
  const { time, sampleRate, tags, data } = JSON.parse(json) as {
    readonly time: string;
    readonly sampleRate?: number;
    readonly tags: Readonly<Record<string, string>>;
    readonly data: { readonly baseType: string; readonly baseData: Record<string, unknown> };
  };
  const { properties, ...baseData } = data.baseData;
  return {
    baseType: data.baseType,
    time: Date.parse(time),
    sampleRate: sampleRate ?? 100,
    traceId: tags['ai.operation.id'],
    parentSpanId: tags['ai.operation.parentId'],
    baseData,
    properties: (properties ?? {}) as Record<string, string>,
  };
}

/** Names that the package takes for its own, and leaves out or changes the item by. */
const TAKEN =
  /^(_MS\.|microsoft|ai\.|http\.|net\.|peer\.|db\.|rpc\.|az\.|exception\.|enduser\.|client\.|server\.|url\.|error\.|network\.|user_agent\.)/;

/** Custom properties as attributes. A name that the package would take for its own gets a prefix. @internal */
export function attributesOf(properties: Readonly<Record<string, string>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [TAKEN.test(key) ? `property.${key}` : key, value]),
  );
}

/** `d.hh:mm:ss.fffffff` in milliseconds. @internal */
export function durationMs(text: unknown): number {
  const [, days = '0', hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(String(text)) ?? [];
  return hours === undefined
    ? 0
    : ((Number(days) * 24 + Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

/** Milliseconds since 1970 as OpenTelemetry takes them. @internal */
export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}
