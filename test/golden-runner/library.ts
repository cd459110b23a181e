import type { RequestPolicy } from './replay-server.ts';

/** A class or an object of the library. What it has is found out when it is asked: what is missing is a difference. */
export type LibraryObject = object;

/** What a scenario is played with: our library, or a small one in this runner's own tests. */
export interface Library {
  /** A workspace whose requests pass the policy and wait hardly at all. */
  openWorkspace(options: OpenWorkspaceOptions): LibraryObject;
  /** A class by its name: `Webservice`, `AksWebservice`, ... */
  classOf(name: string): LibraryObject | undefined;
  /** What scores, and what it needs. */
  inferenceConfig(options: Readonly<Record<string, unknown>>): LibraryObject;
  /** Reads a configuration file. */
  fromConfig(options: { readonly path: string; readonly fileName?: string }): Promise<LibraryObject>;
  /** What a deployment under a name is refused for, before anything is started: paths of the bad fields. */
  deploymentFaults(name: unknown): Promise<readonly string[]>;
}

/** What a workspace is opened with. */
export interface OpenWorkspaceOptions {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspaceName: string;
  /** Address of Azure Resource Manager. */
  readonly base: string;
  readonly armToken: string;
  readonly policy: RequestPolicy;
  /** Wait between two looks at an operation. */
  readonly pollIntervalMs: number;
}

/** Something that the library lacks. */
export class LibraryLacks extends Error {}

/** A step has no service to act on, because an earlier one gave none. */
export class NothingToActOn extends Error {}

/** Calls a method of an object or a class of the library. */
export async function call(target: LibraryObject, method: string, ...args: readonly unknown[]): Promise<unknown> {
  const found: unknown = Reflect.get(target, method);
  if (typeof found !== 'function') {
    throw new LibraryLacks(`our library has no method ${method}`);
  }
  return await found.apply(target, args);
}

/** Reads an attribute; `null` for what is not there. */
export function attribute(target: LibraryObject, name: string): unknown {
  return Reflect.get(target, name) ?? null;
}
