import { type InferenceServer, type Scoring, type StartServerOptions, startServer } from '../src/index.ts';

const open: InferenceServer[] = [];
// A test that fails in the middle must not leave its server open.
afterEach(() => Promise.all(open.splice(0).map((server) => server.close({ timeoutMs: 100 }))));

/** A server of one test with the lines it logged. */
export interface Running extends AsyncDisposable {
  readonly server: InferenceServer;
  readonly lines: string[];
  post(body: string | Buffer, headers?: Record<string, string>): Promise<Response>;
}

/** Starts a server for the functions on a free port of the loopback address. */
export async function running(run: Scoring['run'], options: StartServerOptions = {}): Promise<Running> {
  const lines: string[] = [];
  const server = await startServer({
    run,
    port: 0,
    host: '127.0.0.1',
    onLogLine: (line) => lines.push(line),
    ...options,
  });
  open.push(server);
  return {
    server,
    lines,
    post: (body, headers = {}) =>
      fetch(`${server.url}/score`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
