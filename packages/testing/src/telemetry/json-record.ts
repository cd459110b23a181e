/** A JSON object. @internal */
export type JsonRecord = Record<string, unknown>;

/** Tells an object from lists, texts and null. @internal */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
