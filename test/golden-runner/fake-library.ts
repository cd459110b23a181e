import type { Library, LibraryObject, OpenWorkspaceOptions } from './library.ts';
import { MODEL_MANAGEMENT_PATH } from './placeholders.ts';

/** A request of the small library. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly authorization?: string;
}

/** How the small library behaves. */
export interface FakeBehaviour {
  /** What `update` sends for its settings, in order. Default: a check and a patch of what it was given. */
  readonly update?: (settings: Record<string, unknown>) => readonly FakeRequest[];
  /** Thrown by `getLogs` in place of an answer. */
  readonly logsError?: unknown;
  /** Takes the method `getKeys` away. */
  readonly lacksKeys?: boolean;
}

/** An error with a code, as the library's own. */
export class FakeError extends Error {
  readonly code: string;
  readonly statusCode: number | undefined;

  constructor(code: string, message: string, statusCode?: number) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }

  toJSON(): object {
    return { code: this.code };
  }
}

/** A small library for the tests of the runner: it reads and changes a service, and behaves as it is told. */
export function fakeLibrary(behaviour: FakeBehaviour = {}): Library {
  const Webservice = {
    get: async (workspace: { send(request: FakeRequest): Promise<Sent> }, name: string) => {
      const path = `${MODEL_MANAGEMENT_PATH}/services/${name}`;
      const { status, json } = await workspace.send({ method: 'GET', path, query: '?expand=true' });
      if (status === 404) {
        throw new FakeError('WEBSERVICE_NOT_FOUND', `no ${name}`, 404);
      }
      const resource = json as Record<string, unknown>;
      return {
        kind: 'AksWebservice',
        name,
        state: resource['state'],
        update: async (settings: Record<string, unknown>) => {
          for (const request of behaviour.update?.(settings) ?? usualUpdate(path, settings)) {
            await workspace.send(request);
          }
        },
        getLogs: async () => {
          if (behaviour.logsError !== undefined) {
            throw behaviour.logsError;
          }
          const logs = await workspace.send({ method: 'GET', path: `${path}/logs`, query: '?tail=5000&init=False' });
          return (logs.json as { content: unknown }).content;
        },
        ...(behaviour.lacksKeys === true
          ? {}
          : { getKeys: async () => (await workspace.send({ method: 'POST', path: `${path}/listkeys` })).json }),
      };
    },
  };
  return {
    openWorkspace: ({ base, armToken, policy }: OpenWorkspaceOptions): LibraryObject => ({
      send: ({ method, path, query = '', body, contentType, authorization = `Bearer ${armToken}` }: FakeRequest) => {
        const headers = new Headers({ authorization });
        if (body !== undefined) {
          headers.set('content-type', contentType ?? 'application/json');
        }
        const request = { url: `${base}${path}${query}`, method, headers, body };
        return policy.sendRequest(request, send);
      },
    }),
    classOf: (name) => (name === 'Webservice' ? Webservice : undefined),
    inferenceConfig: (options) => options,
    fromConfig: async () => ({ subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' }),
    deploymentFaults: async (name) => (String(name).length < 3 ? ['name'] : []),
  };
}

interface Sent {
  readonly status: number;
  readonly json: unknown;
}

async function send({
  url,
  method,
  headers,
  body,
}: {
  url: string;
  method: string;
  headers: Headers;
  body: unknown;
}): Promise<Sent> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

function usualUpdate(path: string, settings: Record<string, unknown>): FakeRequest[] {
  const patch = Object.entries(settings).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }));
  return [{ method: 'PATCH', path, body: patch, contentType: 'application/json-patch+json' }];
}
