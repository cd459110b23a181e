/** The clock of `performance.now()`. As a name of the whole process it is looked up by a function each time. */
const { performance } = globalThis;

/** Milliseconds since the process began. */
export function now(): number {
  return performance.now();
}
