import { AzuremlError, createLogger, errorMessage, ValidationError } from '@azureml-ts/common';
import { WebserviceNotFoundError } from '../errors.ts';
import { checkOptionNames } from '../workspace/known-options.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { GetWebserviceOptions, ListWebservicesOptions, Webservice } from './webservice.ts';

const log = createLogger('core');

/** Longest wait for what is only a help: the addresses of the workspace in `links`. */
const DETAILS_TIMEOUT_MS = 10_000;

const GET_OPTIONS = ['kind', 'abortSignal', 'timeoutMs'];
const LIST_OPTIONS = [...GET_OPTIONS, 'tags', 'properties'];

/** Where services of some kinds are found. */
export interface ServicePlane {
  /** The service of a name; `undefined` when there is none. */
  get(workspace: Workspace, name: string, options: GetWebserviceOptions): Promise<Webservice | undefined>;
  /** The services, as they are asked for. */
  list(workspace: Workspace, options: ListWebservicesOptions): AsyncIterable<Webservice>;
}

/** A plane that is loaded when it is asked. */
export interface LazyPlane {
  /** What it has, for messages. */
  readonly what: string;
  /** Names of the classes of its services. */
  readonly kinds: readonly string[];
  /** Whether it is a part of Azure. */
  readonly isRemote: boolean;
  readonly load: () => Promise<ServicePlane>;
}

const PLANES: readonly LazyPlane[] = [
  {
    what: 'online endpoints',
    kinds: ['OnlineEndpoint'],
    isRemote: true,
    load: async () => (await import('../online/online-plane.ts')).onlinePlane,
  },
  {
    what: 'classic services',
    kinds: ['AksWebservice', 'AciWebservice', 'AksEndpoint', 'UnknownWebservice'],
    isRemote: true,
    load: async () => (await import('../classic/classic-plane.ts')).classicPlane,
  },
  {
    what: 'local services',
    kinds: ['LocalWebservice'],
    isRemote: false,
    load: async () => (await import('../local/local-plane.ts')).localPlane,
  },
];

/** Names of all classes of services. */
export const WEBSERVICE_KINDS: readonly string[] = PLANES.flatMap(({ kinds }) => kinds);

/**
 * Finds a service by its name, asking all planes at once.
 *
 * @param planes Where to look; tests pass their own.
 * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; `AMBIGUOUS_NAME`; `VALIDATION`; the error of a plane that
 *   could not be asked, when the others have no such service.
 */
export async function getService(
  workspace: Workspace,
  name: string,
  options: GetWebserviceOptions = {},
  planes: readonly LazyPlane[] = PLANES,
): Promise<Webservice> {
  checkOptionNames(options, GET_OPTIONS, "{ kind: 'OnlineEndpoint' }");
  if (typeof name !== 'string' || name.trim() === '') {
    throw new ValidationError({ path: 'name', expected: 'the name of a service', received: name });
  }
  options.abortSignal?.throwIfAborted();
  const asked = planesFor(options.kind, planes);
  const { abortSignal, timeoutMs } = options;
  const [answers] = await Promise.all([
    Promise.allSettled(asked.map(async ({ load }) => (await load()).get(workspace, name, { abortSignal, timeoutMs }))),
    asked.some(({ isRemote }) => isRemote) ? readDetails(workspace, options) : undefined,
  ]);
  options.abortSignal?.throwIfAborted();
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []));
  const failures = answers.flatMap((answer, index) =>
    answer.status === 'rejected' ? [{ error: answer.reason as unknown, what: asked[index]?.what ?? '' }] : [],
  );
  const fitting = found.filter(({ kind }) => options.kind === undefined || kind === options.kind);
  const [service, second] = fitting;
  if (service !== undefined && second !== undefined) {
    throw ambiguous(workspace, name, fitting);
  }
  for (const { error, what } of service === undefined ? failures.slice(1) : failures) {
    log.warning(`the ${what} of the workspace "${workspace.workspaceName}" could not be asked: ${errorMessage(error)}`);
  }
  if (service !== undefined) {
    return service;
  }
  if (failures[0] !== undefined) {
    throw failures[0].error;
  }
  throw notFound(workspace, name, asked, found);
}

/**
 * Lists the services of all planes, one after the other as they are asked for.
 *
 * @param planes Where to look; tests pass their own.
 * @throws `VALIDATION`; the error of a plane that could not be listed, after all the others were.
 */
export async function* listServices(
  workspace: Workspace,
  options: ListWebservicesOptions = {},
  planes: readonly LazyPlane[] = PLANES,
): AsyncGenerator<Webservice> {
  checkOptionNames(options, LIST_OPTIONS, "{ kind: 'OnlineEndpoint' }");
  const { kind, abortSignal, timeoutMs, tags, properties } = options;
  const asked = planesFor(kind, planes);
  abortSignal?.throwIfAborted();
  const failures: { readonly error: unknown; readonly what: string }[] = [];
  for (const { what, kinds, load } of asked) {
    // A plane with one kind need not be told which.
    const narrowed = kind !== undefined && kinds.length > 1 ? { kind } : {};
    const services = (await load())
      .list(workspace, { ...narrowed, abortSignal, timeoutMs, tags, properties })
      [Symbol.asyncIterator]();
    try {
      for (;;) {
        let next: IteratorResult<Webservice>;
        try {
          next = await services.next();
        } catch (error) {
          abortSignal?.throwIfAborted();
          failures.push({ error, what });
          break;
        }
        if (next.done === true) {
          break;
        }
        if (kind === undefined || next.value.kind === kind) {
          yield next.value;
        }
      }
    } finally {
      await services.return?.();
    }
  }
  const [first, ...others] = failures;
  for (const { error, what } of others) {
    log.warning(
      `the ${what} of the workspace "${workspace.workspaceName}" could not be listed: ${errorMessage(error)}`,
    );
  }
  if (first !== undefined) {
    throw first.error;
  }
}

function planesFor(kind: string | undefined, planes: readonly LazyPlane[]): readonly LazyPlane[] {
  if (kind === undefined) {
    return planes;
  }
  const asked = planes.filter(({ kinds }) => kinds.includes(kind));
  if (asked.length === 0) {
    throw new ValidationError({
      path: 'kind',
      expected: `one of ${planes.flatMap(({ kinds }) => kinds).join(', ')}`,
      received: kind,
    });
  }
  return asked;
}

/** Once for a workspace, for the addresses in `links`. Nothing depends on it. */
async function readDetails(workspace: Workspace, { abortSignal, timeoutMs }: GetWebserviceOptions): Promise<void> {
  try {
    await workspace.get({ abortSignal, timeoutMs: Math.min(timeoutMs ?? DETAILS_TIMEOUT_MS, DETAILS_TIMEOUT_MS) });
  } catch (error) {
    log.verbose(`links will lack the addresses of the workspace: ${errorMessage(error)}`);
  }
}

function ambiguous(workspace: Workspace, name: string, found: readonly Webservice[]): AzuremlError {
  const kinds = found.map(({ kind }) => kind);
  return new AzuremlError(
    'AMBIGUOUS_NAME',
    `The workspace "${workspace.workspaceName}" has several services of the name "${name}": ${kinds.join(', ')}. ` +
      `Say which one you mean, for example { kind: '${kinds[0]}' }.`,
    { details: { name, kinds } },
  );
}

function notFound(
  workspace: Workspace,
  name: string,
  asked: readonly LazyPlane[],
  others: readonly Webservice[],
): WebserviceNotFoundError {
  const { workspaceName, resourceGroup, subscriptionId } = workspace;
  const [other] = others;
  const advice =
    other === undefined
      ? 'Check the name (Webservice.list() gives all of them) and the workspace.'
      : `There is one of the kind ${other.kind}.`;
  return new WebserviceNotFoundError(
    `There is no service "${name}" in the workspace "${workspaceName}" (resource group ${resourceGroup}, ` +
      `subscription ${subscriptionId}). Looked for it among its ${asked.map(({ what }) => what).join(', ')}. ${advice}`,
    { details: { name, workspaceName, planes: asked.map(({ what }) => what), kinds: others.map(({ kind }) => kind) } },
  );
}
