import { pathToFileURL } from 'node:url';
import { EntryScriptInvalidError } from '../errors.ts';
import { isScoringSchema } from '../schema/define-schema.ts';
import { type Binding, bindingOf, bindRun } from './binding.ts';
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
    ...(init === undefined ? {} : { init: () => init.call() }),
    run: bindRun(
      (rawData: string, requestHeaders: RequestHeaders) => run.call(rawData, requestHeaders),
      bindingFor(run.binding, holders, path),
    ),
  };
}

/** How run() wants its request: as it is marked, or by the schema that the script exports beside it. */
function bindingFor(own: Binding, holders: Holder[], path: string): Binding {
  const schema = holders.map((holder) => holder['schema']).find((value) => isScoringSchema(value));
  if (schema === undefined) {
    return own;
  }
  if (own.kind !== 'plain') {
    throw new EntryScriptInvalidError(
      `The scoring script ${path} exports a schema, but its run is made by ` +
        `${own.kind === 'rawHttp' ? 'rawHttp(), which gets the request as it is' : 'withSchema(), which names one itself'}. ` +
        'Leave one of the two out.',
      { details: { path } },
    );
  }
  return { kind: 'schema', schema };
}

/** A function of the script, called on its holder, so that methods of an exported object keep their `this`. */
interface FoundFunction {
  readonly call: (...args: unknown[]) => unknown;
  readonly binding: Binding;
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
function findFunction(holders: Holder[], name: string, path: string): FoundFunction | undefined {
  for (const holder of holders) {
    const value = holder[name];
    if (typeof value === 'function') {
      return { call: (...args) => value.apply(holder, args), binding: bindingOf(value) };
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
