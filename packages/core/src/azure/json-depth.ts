/** Levels of an answer; those of Azure have a dozen. Deeper ones would end in an overflow of the stack somewhere. */
export const MAX_JSON_DEPTH = 200;

/** Whether parsed JSON has more levels than may be worked on. */
export function isTooDeep(value: unknown, levels: number = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
