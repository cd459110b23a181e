import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { LogsStandIn } from '../../src/index.ts';

/** An answer. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the body holds.
  readonly json: any;
  readonly text: string;
}

/** Posts a query by hand, as a client without any package would. */
export async function post(
  logs: LogsStandIn,
  path: string,
  body: unknown,
  options: { readonly token?: string | undefined; readonly method?: string } = {},
): Promise<RawAnswer> {
  const token = 'token' in options ? options.token : (await logs.credential.getToken('x')).token;
  const ca = readFileSync(logs.environment['NODE_EXTRA_CA_CERTS'] ?? '');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${logs.url}${path}`,
      {
        ca,
        method: options.method ?? 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => {
          const isJson = String(response.headers['content-type']).startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            json: isJson && text !== '' ? JSON.parse(text) : undefined,
            text,
          });
        });
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** The rows of a query to the component. */
export async function rowsOf(logs: LogsStandIn, query: string): Promise<unknown[][]> {
  const { status, json } = await post(logs, `/v1${logs.resourceId}/query`, { query });
  if (status !== 200) {
    throw new Error(JSON.stringify(json));
  }
  return json.tables[0].rows;
}
