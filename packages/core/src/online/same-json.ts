import { isJsonObject, isRawNumber } from '../azure/json-object.ts';

/** Whether two values are the same JSON, whatever the order of the fields and wherever their arrays were made. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => isSameJson(value, other[at]));
  }
  if (isJsonObject(one) && isJsonObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSameJson(one[name], other[name]))
    );
  }
  if (isRawNumber(one) && isRawNumber(other)) {
    return one.rawJSON === other.rawJSON;
  }
  // 1.0 of the service is the 1 that a caller asks for.
  return Object.is(plainNumber(one), plainNumber(other));
}

/** A number as JavaScript has it; any other value as it is. */
export function plainNumber(value: unknown): unknown {
  return isRawNumber(value) ? Number(value.rawJSON) : value;
}
