/**
 * Returns the one object of this name and version in the process, made at the first call.
 *
 * A process can hold several copies of this package: the ESM and the CommonJS build, or two installed releases.
 * Module variables would then exist once per copy, and a request started through one copy would be unknown to the
 * other. State that must be one per process therefore hangs on `globalThis` under a registered symbol.
 *
 * @param name What the object is, for example `request-context`.
 * @param version Shape of the object. Raise it when a release can no longer work with the shape of an older one:
 *   both shapes then live side by side.
 * @param create Makes the object; called at most once per process, name and version.
 * @returns The shared object.
 */
export function processSingleton<T extends object>(name: string, version: number, create: () => T): T {
  const key = Symbol.for(`@azureml-ts/${name}@${version}`);
  const holder = globalThis as { [key: symbol]: unknown };
  if (holder[key] === undefined) {
    Object.defineProperty(holder, key, { value: create(), enumerable: false, configurable: false, writable: false });
  }
  return holder[key] as T;
}
