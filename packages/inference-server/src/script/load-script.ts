import { pathToFileURL } from 'node:url';
import { EntryScriptInvalidError } from '../errors.ts';
import { explainLoadFailure } from './load-failure.ts';
import type { RequestHeaders, Scoring } from './scoring.ts';

type Holder = Record<string, unknown>;

/**
 * Loads a scoring script and finds its functions, among its named exports or on its default export
 * (`module.exports` of a CommonJS file).
 *
 * @param path Absolute path of the script.
 * @throws EntryScriptInvalidError `ENTRY_SCRIPT_INVALID`
 */
export async function loadScript(path: string): Promise<Scoring> {
  let namespace: unknown;
  try {
    namespace = await import(pathToFileURL(path).href);
  } catch (error) {
    throw await explainLoadFailure(path, error);
  }
  const holders = holdersOf(namespace);
  const run = findFunction(holders, 'run', path);
  const init = findFunction(holders, 'init', path);
  if (run === undefined) {
    const names = [...new Set(holders.flatMap((holder) => Object.keys(holder)))].filter((name) => name !== 'default');
    throw new EntryScriptInvalidError(
      `The scoring script ${path} has no function run. Export one: export function run(rawData) { ... }. ` +
        (names.length === 0 ? 'It exports nothing.' : `It exports ${names.slice(0, 20).join(', ')}.`),
      { details: { path } },
    );
  }
  return {
    ...(init === undefined ? {} : { init: () => init() }),
    run: (rawData: string, requestHeaders: RequestHeaders) => run(rawData, requestHeaders),
  };
}

/** The places where the functions may be; transpiled CommonJS hides its default export one level deeper. */
function holdersOf(namespace: unknown): Holder[] {
  const holders: Holder[] = [];
  let next = namespace;
  while (holders.length < 3 && ((typeof next === 'object' && next !== null) || typeof next === 'function')) {
    holders.push(next as Holder);
    next = (next as Holder)['default'];
  }
  return holders;
}

/** Each name is looked for on its own: of a CommonJS file, Node may see only some names as named exports. */
function findFunction(holders: Holder[], name: string, path: string): ((...args: unknown[]) => unknown) | undefined {
  for (const holder of holders) {
    const value = holder[name];
    if (typeof value === 'function') {
      // Called on its holder, so that methods of an exported object keep their `this`.
      return (...args) => value.apply(holder, args);
    }
    if (value !== undefined) {
      throw new EntryScriptInvalidError(
        `The scoring script ${path} exports ${name}, but it is of type ${value === null ? 'null' : typeof value}. ` +
          `Export a function of that name.`,
        { details: { path } },
      );
    }
  }
  return undefined;
}
