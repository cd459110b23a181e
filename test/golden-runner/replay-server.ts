import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, type Exchange, plainPath, plainType } from './exchange.ts';
import { expand, type Places, sameText, WORKSPACE_ID, WORKSPACE_PATH } from './placeholders.ts';

/** The header in which the client's policy says which host a request was meant for. */
const ORIGIN = 'x-golden-origin';

/** What an answer says that is made up, because the recording has none. */
export const UNRECORDED = 'The recording has no answer for this.';

/** A request policy of the Azure clients. */
export interface RequestPolicy {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the types of @azure/core-rest-pipeline, which is not a dependency here.
  sendRequest(request: any, next: (request: any) => Promise<any>): Promise<any>;
}

/** A server on loopback that answers as recorded. */
export interface ReplayServer extends AsyncDisposable {
  /** Sends every request here, whatever its host, after the client has put its token in. */
  readonly policy: RequestPolicy;
  /** What came, in order. */
  readonly exchanges: readonly Exchange[];
}

/**
 * Starts a server that answers the n-th request for a method and a path with the n-th recorded answer for them. When they
 * run out, the last one is given again; what was never recorded gets what every scenario has (the workspace, its
 * discovery address, no online endpoint), else 404.
 *
 * @param recorded The recorded requests.
 * @param places What placeholders stand for.
 */
export async function startReplayServer(recorded: readonly Exchange[], places: Places): Promise<ReplayServer> {
  const answers = new Map<string, Answer[]>();
  for (const { method, path, answer } of recorded) {
    const key = `${method} ${path}`;
    answers.set(key, [...(answers.get(key) ?? []), answer]);
  }
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch((error) => response.destroy(error));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const url = new URL(request.url ?? '/', places.base);
    const origin = String(request.headers[ORIGIN] ?? places.base);
    const path = `${origin === places.base ? '' : origin}${plainPath(url.pathname)}`;
    const key = `${request.method} ${path}`;
    const left = answers.get(key) ?? [...answers].find(([recordedKey]) => sameText(recordedKey, key))?.[1];
    const recordedAnswer = left !== undefined && left.length > 1 ? left.shift() : left?.[0];
    const body = Buffer.concat(chunks).toString();
    const json = parsed(body);
    const answer = echoed(recordedAnswer ?? usualAnswer(String(request.method), path, places), path, json);
    exchanges.push({
      method: String(request.method),
      path,
      query: [...url.searchParams],
      contentType: plainType(request.headers['content-type']),
      authorization: request.headers.authorization,
      json,
      text: json === null && body !== '' ? body : null,
      answer,
    });
    // A wait that the service asks for would only hold the run up.
    const { 'retry-after': _, ...headers } = answer.headers;
    response.writeHead(answer.status, headers);
    response.end('json' in answer ? JSON.stringify(answer.json) : (answer.text ?? ''));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    exchanges,
    policy: {
      name: 'goldenLoopbackPolicy',
      sendRequest: async (request, next) => {
        const meant: string = request.url;
        const { origin, pathname, search } = new URL(meant);
        request.url = `http://127.0.0.1:${port}${pathname}${search}`;
        request.headers.set(ORIGIN, origin);
        request.allowInsecureConnection = true;
        try {
          return await next(request);
        } finally {
          request.url = meant;
        }
      },
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether a request uploads a file, which recordings leave out. */
export function uploadsFile({ method, path }: Pick<Exchange, 'method' | 'path'>): boolean {
  return method === 'PUT' && path.startsWith('/blob/');
}

/** An answer in which random names stand for those of the request. */
function echoed(answer: Answer, path: string, json: unknown): Answer {
  const file = (json as { readonly paths?: readonly { readonly path?: unknown }[] } | null)?.paths?.[0]?.path;
  if (typeof file !== 'string' || !('json' in answer)) {
    return answer;
  }
  const folder = path.split('/').at(-1) ?? '';
  const text = JSON.stringify(answer.json)
    .replaceAll(/\{wrapped\}\.py|\{rand8\}\.tar\.gz/g, file)
    .replaceAll('{rand8}', folder);
  return { ...answer, json: JSON.parse(text) };
}

/** Whether a request only opens the workspace, which every scenario but those of that begins with open. */
export function opensWorkspace({ method, path }: Pick<Exchange, 'method' | 'path'>): boolean {
  return method === 'GET' && (path === WORKSPACE_PATH || path === `/discovery/workspaces/${WORKSPACE_ID}`);
}

function usualAnswer(method: string, path: string, places: Places): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (method === 'GET' && path === WORKSPACE_PATH) {
    const properties = {
      workspaceId: WORKSPACE_ID,
      discoveryUrl: `{base}/discovery/workspaces/${WORKSPACE_ID}`,
    };
    return {
      status: 200,
      headers,
      json: expand({ id: '{scope}', name: 'ws1', location: 'westus', properties }, places),
    };
  }
  if (opensWorkspace({ method, path })) {
    const names =
      'api catalog experimentation gallery history hyperdrive labeling modelmanagement pipelines studio'.split(' ');
    return { status: 200, headers, json: Object.fromEntries(names.map((name) => [name, places.base])) };
  }
  if (uploadsFile({ method, path })) {
    return { status: 201, headers: {} };
  }
  if (method === 'GET' && path === `${WORKSPACE_PATH}/onlineEndpoints`) {
    return { status: 200, headers, json: { value: [] } };
  }
  return {
    status: 404,
    headers,
    json: { error: { code: 'NotFound', message: UNRECORDED } },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
