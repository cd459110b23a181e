import type { AzureStandIn } from '../../src/index.ts';

export const MANAGEMENT_SCOPE = 'https://management.azure.com/.default';
export const VERSION = '2024-04-01';

/** An answer, read. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies of all shapes.
  readonly body: any;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request straight to the stand-in; an address of Azure goes to the path it has there. */
export async function send(method: string, url: string, options: SendOptions = {}): Promise<Reply> {
  const { body, headers } = options;
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Sends a request as a client with `clientOptions` does: through the policy, to any host. */
export async function sendMeant(
  azure: AzureStandIn,
  method: string,
  url: string,
  options: SendOptions = {},
): Promise<Reply> {
  const headers = new Headers(options.headers);
  const [{ policy }] = azure.clientOptions.additionalPolicies as [(typeof azure.clientOptions.additionalPolicies)[0]];
  return policy.sendRequest({ url, headers }, (request) =>
    send(method, request.url, { ...options, headers: Object.fromEntries(request.headers) }),
  );
}

/** Requests to the management plane with a good token. */
export function arm(azure: AzureStandIn, version = VERSION) {
  const workspace =
    `https://management.azure.com/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}` +
    `/providers/Microsoft.MachineLearningServices/workspaces/${azure.workspaceName}`;
  const authorized = async (method: string, url: string, body?: unknown): Promise<Reply> => {
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    return sendMeant(azure, method, url, { body, headers: { authorization: `Bearer ${token}` } });
  };
  return {
    workspace,
    /** `path` is below the workspace, or absolute (a link). */
    call: (method: string, path: string, body?: unknown) =>
      authorized(
        method,
        path.startsWith('https://')
          ? path
          : `${workspace}${path}${path.includes('?') ? '&' : '?'}api-version=${version}`,
        body,
      ),
    /** Follows a status link until the operation ends. */
    async finished({ headers }: Reply): Promise<Reply> {
      const link = headers['azure-asyncoperation'] ?? headers['location'] ?? '';
      for (;;) {
        const reply = await authorized('GET', link);
        if (reply.status !== 202 && reply.body?.status !== 'InProgress') {
          return reply;
        }
      }
    },
  };
}

/** Requests to the classic service with a good token. */
export function mms(azure: AzureStandIn) {
  const base =
    `https://westus.api.azureml.ms/modelmanagement/v1.0/subscriptions/${azure.subscriptionId}` +
    `/resourceGroups/${azure.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${azure.workspaceName}`;
  const call = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    return sendMeant(azure, method, path.startsWith('https://') ? path : base + path, {
      body,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  };
  return {
    base,
    call,
    patch: (path: string, patch: readonly unknown[]) =>
      call('PATCH', path, patch, { 'content-type': 'application/json-patch+json' }),
    /** Polls until the operation ends. */
    async finished({ headers }: Reply): Promise<Reply> {
      for (;;) {
        const reply = await call('GET', headers['operation-location'] ?? '');
        if (reply.body?.state !== 'Running') {
          return reply;
        }
      }
    },
  };
}
