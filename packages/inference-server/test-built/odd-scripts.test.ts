import { connect } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChildServer, scripts } from './child-server.ts';

/** Both copies of the built package: a script may load the other one than the command. */
const ESM = pathToFileURL(resolve(__dirname, '../dist/index.js')).href;
const CJS = resolve(__dirname, '../dist/index.cjs');

let folder: Awaited<ReturnType<typeof scripts>>;
let server: ChildServer | undefined;
afterEach(async () => {
  await server?.kill();
  server = undefined;
  await folder.remove();
});

async function serve(text: string, env: Record<string, string> = {}, name = 'score.mjs'): Promise<ChildServer> {
  folder = await scripts({ [name]: text });
  server = new ChildServer(['--entry-script', folder.path(name), '--host', '127.0.0.1', '--port', '0'], env);
  return server;
}

const FAILED = 'x-ms-run-function-failed';

describe('a script that does odd things in run()', () => {
  it.each([
    ['throws a text', 'throw "no rows"', 'no rows', 'True'],
    ['throws nothing', 'throw undefined', 'undefined', 'True'],
    [
      'returns a cycle',
      'const a = { b: [] }; a.b.push(a); return a',
      'result.b[0] is a value that contains itself',
      'False',
    ],
    ['returns a bigint that JSON would round', 'return { n: 2n ** 60n }', 'result.n is the bigint', 'False'],
    ['never ends', 'return new Promise(() => {})', 'Scoring timeout after 150 ms', 'True'],
    [
      'blocks for longer than it may',
      'const end = Date.now() + 300; while (Date.now() < end);',
      'Scoring timeout',
      'True',
    ],
    ['returns a getter that throws', 'return { get a() { throw new Error("no") } }', 'no', 'False'],
  ])('%s: 500, and the server goes on', async (_what, code, message, failed) => {
    const child = await serve(`export function run(raw) { if (raw === 'ok') return 'fine'; ${code} }`, {
      SCORING_TIMEOUT_MS: '150',
    });
    const url = await child.url();
    const response = await child.post(url, '');
    expect([response.status, response.headers.get(FAILED)]).toEqual([500, failed]);
    expect(await response.json()).toEqual({ message: expect.stringContaining(message) });
    expect(await (await child.post(url, 'ok')).json()).toBe('fine');
  });

  it.each([
    ['nothing', 'undefined', '{}'],
    ['a safe bigint', '{ n: 5n }', '{"n":5}'],
    ['a huge array', 'new Array(1_000_000).fill(0.5)', `[${new Array(1_000_000).fill(0.5).join(',')}]`],
  ])('returns %s: 200', async (_what, value, text) => {
    const child = await serve(`export const run = () => (${value});`);
    const response = await child.post(await child.url(), '');
    expect(response.status).toBe(200);
    expect((await response.text()) === text).toBe(true);
  });

  it('calls process.exit: its code, and the lines of the requests before it', async () => {
    const child = await serve('export const run = (raw) => (raw === "end" ? process.exit(7) : raw);');
    const url = await child.url();
    await child.post(url, 'a', { 'x-request-id': 'before' });
    await expect(child.post(url, 'end')).rejects.toThrow('fetch failed');
    expect(await child.ended).toBe(7);
    expect(child.stderr).toContain('request-id=before');
  });

  it('leaks a rejection: its request is answered, and the command ends with 5', async () => {
    const child = await serve('export const run = () => { void Promise.reject(new Error("leaked")); return 1 };');
    const response = await child.post(await child.url(), '');
    expect(await response.json()).toBe(1);
    expect(await child.ended).toBe(5);
    expect(child.stderr).toMatch(/unhandled rejection.*\nError: leaked/);
  });
});

describe('a script with a schema', () => {
  const DECLARED = 'defineSchema({ inputs: { data: { type: "array", items: { type: "number" } } } })';
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each([
    [
      'exported beside run, as ES module',
      `import { defineSchema } from '${ESM}';
      export const schema = ${DECLARED}; export const run = ({ data }) => data.length;`,
      'score.mjs',
    ],
    [
      'exported beside run, as CommonJS',
      `const { defineSchema } = require(${JSON.stringify(CJS)});
      exports.schema = ${DECLARED}; exports.run = ({ data }) => data.length;`,
      'score.cjs',
    ],
    [
      'of withSchema',
      `import { defineSchema, withSchema } from '${ESM}';
      export const run = withSchema(${DECLARED}, ({ data }) => data.length);`,
      'score.mjs',
    ],
    [
      'on its default export',
      `import { defineSchema } from '${ESM}';
      export default { schema: ${DECLARED}, extra: 0, run({ data }) { return data.length + this.extra; } };`,
      'score.ts',
    ],
  ])('%s gets its inputs by name', async (_what, text, name) => {
    const child = await serve(text, {}, name);
    const url = await child.url();
    expect(await (await child.post(url, '{"data":[1,2]}', JSON_TYPE)).json()).toBe(2);
    expect((await child.post(url, '{"data":["a"]}', JSON_TYPE)).status).toBe(400);
    const swagger = (await (await fetch(`${url}/swagger.json`)).json()) as { definitions: { ServiceInput: object } };
    expect(swagger.definitions.ServiceInput).toMatchObject({ required: ['data'] });
  });

  it('that is not one of ours is left alone', async () => {
    const child = await serve('export const schema = { type: "object" }; export const run = (raw) => raw;');
    expect(await (await child.post(await child.url(), 'x')).json()).toBe('x');
  });

  it('and a run that wants the request itself is refused', async () => {
    const child = await serve(
      `import { defineSchema, rawHttp } from '${ESM}'; export const schema = ${DECLARED}; export const run = rawHttp(() => 1);`,
    );
    expect(await child.message).toMatchObject({
      code: 'ENTRY_SCRIPT_INVALID',
      message: expect.stringContaining('rawHttp()'),
    });
    expect(await child.ended).toBe(3);
  });
});

describe('a script with rawHttp', () => {
  it.each([
    [
      'ES module',
      `import { rawHttp, ScoringResponse } from '${ESM}';
      export const run = rawHttp(async (r) => new ScoringResponse(await r.text(), { status: 202 }));`,
      'score.mjs',
    ],
    [
      'CommonJS',
      `const { rawHttp, ScoringResponse } = require(${JSON.stringify(CJS)});
      exports.run = rawHttp(async (r) => new ScoringResponse(await r.text(), { status: 202 }));`,
      'score.cjs',
    ],
  ])('as %s gets the request, and its answer is understood', async (_what, text, name) => {
    const child = await serve(text, {}, name);
    const response = await child.post(await child.url(), 'abc');
    expect([response.status, await response.text()]).toEqual([202, 'abc']);
  });
});

describe('the environment of a container', () => {
  it('finds the script from AML_APP_ROOT on, in its source directory or beside it', async () => {
    folder = await scripts({ 'score.mjs': 'export const run = () => "found";' });
    const root = resolve(folder.path('.'));
    const argv = ['--entry-script', 'score.mjs', '--host', '127.0.0.1', '--port', '0'];
    for (const source of ['.', root, 'not-there']) {
      server = new ChildServer(argv, { AML_APP_ROOT: root, AZUREML_SOURCE_DIRECTORY: source });
      expect(await (await server.post(await server.url(), '')).json()).toBe('found');
      await server.kill();
    }
  });

  it('sets the limits, the log and the prefix', async () => {
    const child = await serve('export const run = (raw) => raw.length;', {
      SERVER_MAX_BODY_BYTES: '10',
      SERVER_ACCESS_LOG: 'json',
      SERVICE_PATH_PREFIX: '/a/b/',
      AML_CORS_ORIGINS: 'https://app.example.com',
    });
    const url = `${await child.url()}/a/b/score`;
    const origin = { origin: 'https://app.example.com', 'x-request-id': 'r-1' };
    const small = await fetch(url, { method: 'POST', body: '12345', headers: origin });
    expect([await small.json(), small.headers.get('access-control-allow-origin')]).toEqual([5, origin.origin]);
    expect((await fetch(url, { method: 'POST', body: '12345678901' })).status).toBe(413);
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    const lines = child.stderr.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ requestId: 'r-1', path: '/score', status: 200, bytesIn: 5, bytesOut: 1 }),
      expect.objectContaining({ status: 413 }),
    ]);
  });

  it.each([
    ['SERVER_MAX_BODY_BYTES', '10 MB'],
    ['SERVER_REQUEST_TIMEOUT_MS', '0'],
    ['SERVER_ACCESS_LOG', 'yaml'],
    ['SERVER_VERSION_LOG_RESPONSE_ENABLED', 'maybe'],
    ['AML_CORS_ORIGINS', 'app.example.com'],
    ['SERVICE_PATH_PREFIX', 'a b'],
  ])('with a wrong %s ends with 2 and names it', async (name, value) => {
    const child = await serve('export const run = () => 1', { [name]: value });
    expect(await child.ended).toBe(2);
    expect(child.stderr).toContain(name);
  });
});

describe('a request that stops coming in', () => {
  it('gets 408 from the command, too', async () => {
    const child = await serve('export const run = () => 1', { SERVER_HEADERS_TIMEOUT_MS: '100' });
    const { port, hostname } = new URL(await child.url());
    const socket = connect(Number(port), hostname, () => socket.write('POST /score HTTP/1.1\r\nhost: a\r\n'));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await new Promise((settle) => socket.once('close', settle));
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });
});
