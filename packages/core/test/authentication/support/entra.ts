import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpClient } from '@azure/core-rest-pipeline';

/** A request for a token, as Microsoft Entra was meant to get it. */
export interface SignIn {
  readonly host: string;
  readonly path: string;
  readonly form: URLSearchParams;
}

/** A sign-in page of Microsoft Entra on loopback: answers every request for a token alike. */
export async function startEntra(answer: { status: number; body: object } = { status: 200, body: accepted }) {
  const signIns: SignIn[] = [];
  const server = createServer(async (request, response) => {
    const host = String(request.headers['x-meant-for']);
    const url = new URL(request.url ?? '', `https://${host}`);
    const body = await text(request);
    const isToken = url.pathname.endsWith('/token');
    if (isToken) {
      signIns.push({ host, path: url.pathname, form: new URLSearchParams(body) });
    }
    const { status, body: json } = isToken ? answer : { status: 200, body: about(url) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { createDefaultHttpClient } = await import('@azure/core-rest-pipeline');
  const sender = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      const meant = new URL(request.url);
      request.headers.set('x-meant-for', meant.host);
      request.url = `http://127.0.0.1:${port}${meant.pathname}${meant.search}`;
      request.allowInsecureConnection = true;
      return sender.sendRequest(request);
    },
  };
  return {
    signIns,
    httpClient,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const accepted = { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token: 'token-of-entra' };

/** What the discovery documents of a tenant say. */
function about({ origin, pathname }: URL): object {
  const tenant = pathname.split('/')[1];
  return {
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${origin}/${tenant}/oauth2/v2.0/logout`,
    issuer: `${origin}/${tenant}/v2.0`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [
      {
        preferred_network: new URL(origin).host,
        preferred_cache: new URL(origin).host,
        aliases: [new URL(origin).host],
      },
    ],
  };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
