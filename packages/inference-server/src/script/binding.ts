import type { ScoringSchema } from '../schema/define-schema.ts';

/** How a scoring function wants its request. */
export type Binding =
  /** The body as text. */
  | { readonly kind: 'plain' }
  /** The values of the body by name. */
  | { readonly kind: 'schema'; readonly schema: ScoringSchema }
  /** The request itself. */
  | { readonly kind: 'rawHttp' };

/** Shared by all copies of this package: the script may load another than the server. */
const BINDING = Symbol.for('@azureml-ts/inference-server/binding/1');

const PLAIN: Binding = { kind: 'plain' };

/** Marks one function; others of the same script are not concerned. */
export function bindRun<F extends object>(run: F, binding: Binding): F {
  return Object.defineProperty(run, BINDING, { value: binding });
}

/** How a function wants its request. */
export function bindingOf(run: unknown): Binding {
  const binding = typeof run === 'function' ? (run as { [BINDING]?: Binding })[BINDING] : undefined;
  return binding ?? PLAIN;
}
