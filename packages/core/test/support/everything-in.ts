import { inspect } from 'node:util';

/** All texts that can be reached from a value by any property, hidden ones too, and all that is shown of it. */
export function everythingIn(value: unknown): string {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') {
      texts.push(next);
    } else if ((typeof next === 'object' || typeof next === 'function') && next !== null && !seen.has(next)) {
      seen.add(next);
      if (next instanceof Map || next instanceof Set) {
        open.push(...[...next].flat());
      }
      if (!ArrayBuffer.isView(next)) {
        for (const key of Reflect.ownKeys(next)) {
          open.push(key, Object.getOwnPropertyDescriptor(next, key)?.value);
        }
      }
    }
  }
  return `${texts.join('\n')}\n${inspect(value, { depth: 20, showHidden: true })}\n${JSON.stringify(value)}`;
}
