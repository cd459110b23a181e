/** One step into a value: the name of a property or the index of an item. */
export type Step = string | number;

/** Longest name that a message repeats, in characters. */
const MAX_NAME_LENGTH = 80;

/** Writes one step as JavaScript would: `[3]`, `.name` or `["odd name"]`. */
export function stepText(step: Step): string {
  if (typeof step === 'number') {
    return `[${step}]`;
  }
  if (/^[A-Za-z_$][\w$]*$/.test(step) && step.length <= MAX_NAME_LENGTH) {
    return `.${step}`;
  }
  return `[${JSON.stringify(step.length > MAX_NAME_LENGTH ? `${step.slice(0, MAX_NAME_LENGTH)}...` : step)}]`;
}

/** Writes where a value stands, for example `data[0].age`. */
export function pathText(path: readonly Step[]): string {
  const text = path.map(stepText).join('');
  return text.startsWith('.') ? text.slice(1) : text;
}
