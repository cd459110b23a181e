/** Version of the JSON that commands print; raised when a reader would have to change. */
export const SCHEMA_VERSION = 1;

/**
 * A value as JSON. NaN, infinities and large integers are texts, so that they are not lost. What a build system would
 * take as a command is written with an escape: JSON readers see no difference.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, jsonValue, indent).replace(/##(vso|)\[/gi, '##$1\\u005b');
}

function jsonValue(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}
