import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { ChildServer, scripts } from './child-server.ts';

let folder: Awaited<ReturnType<typeof scripts>>;
let server: ChildServer | undefined;
let agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents) {
    agent.destroy();
  }
  agents = [];
  await server?.kill();
  server = undefined;
  await folder.remove();
});

async function serve(text: string): Promise<ChildServer> {
  folder = await scripts({ 'score.mjs': text });
  server = new ChildServer([
    ...['--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1', '--port', '0'],
    ...['--worker-count', '2'],
  ]);
  return server;
}

function keptAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly connection: string | undefined;
}

/** Scores over an agent; without one, on a new connection. Rejects when the connection is cut or refused. */
function score(url: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/score`, { method: 'POST', agent: agent ?? false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, body, connection: response.headers.connection }));
    });
    sent.on('error', reject);
    sent.end('{}');
  });
}

const SLOW = (version: number) =>
  `export const run = async () => { await new Promise((go) => setTimeout(go, 5)); return [${version}, process.pid] };`;

describe('SIGHUP', () => {
  it('replaces all workers under load, and no request is lost on new or kept connections', async () => {
    const child = await serve(SLOW(1));
    const url = await child.url();
    const answers: Answer[] = [];
    let isLoading = true;
    const client = async (agent: Agent | undefined): Promise<void> => {
      while (isLoading) {
        answers.push(await score(url, agent));
      }
    };
    const load = Promise.all([client(keptAlive()), client(keptAlive()), client(undefined), client(undefined)]);
    for (let round = 1; round <= 2; round += 1) {
      await writeFile(folder.path('score.mjs'), SLOW(round + 1));
      child.child.kill('SIGHUP');
      await Promise.race([child.loggedTimes('All workers have been replaced', round), load]);
    }
    const seen = answers.length;
    while (answers.length < seen + 20) {
      await Promise.race([new Promise((settle) => setImmediate(settle)), load]);
    }
    isLoading = false;
    await load;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const versionOf = ({ body }: Answer) => (JSON.parse(body) as [number, number])[0];
    expect(new Set(answers.map(versionOf))).toEqual(new Set([1, 2, 3]));
    // Whatever began after the second round was answered by the newest.
    expect(new Set(answers.slice(seen + 4).map(versionOf))).toEqual(new Set([3]));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(6);
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  it('leaves an idle connection open until its next answer, which ends it', async () => {
    const child = await serve('export const run = () => process.pid;');
    const url = await child.url();
    const agent = keptAlive();
    const before = await score(url, agent);
    expect(before.connection).toBe('keep-alive');
    child.child.kill('SIGHUP');
    await child.logged(`takes over from process ${before.body};`);
    await expect(score(url)).resolves.toMatchObject({ status: 200 });
    const after = await score(url, agent);
    expect([after.status, after.body]).toEqual([200, before.body]);
    expect(after.connection).toBe('close');
    await child.logged('All workers have been replaced');
    expect((await score(url, agent)).body).not.toBe(before.body);
  });

  it('keeps the workers that serve when a new one fails, and says so', async () => {
    const child = await serve('export const run = () => process.pid;');
    const url = await child.url();
    const before = new Set([(await score(url)).body, (await score(url)).body]);
    await writeFile(
      folder.path('score.mjs'),
      'export const init = () => { throw new Error("bad model") }; export const run = () => 0;',
    );
    child.child.kill('SIGHUP');
    await child.logged('The workers that serve stay as they are.');
    expect(child.stderr).toContain('a new one, ended with code 3: init() of');
    expect(new Set([(await score(url)).body, (await score(url)).body])).toEqual(before);
    await writeFile(folder.path('score.mjs'), 'export const run = () => "new";');
    child.child.kill('SIGHUP');
    await child.logged('All workers have been replaced');
    expect((await score(url)).body).toBe('"new"');
  });

  it('during SIGTERM changes nothing', async () => {
    const child = await serve(
      'export const run = async () => { console.log("in"); await new Promise((go) => setTimeout(go, 300)); return 1 };',
    );
    const pending = score(await child.url());
    await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    child.child.kill('SIGTERM');
    await child.logged('Shutting down the workers: SIGTERM');
    child.child.kill('SIGHUP');
    expect((await pending).status).toBe(200);
    expect(await child.ended).toBe(0);
    expect(child.stderr.split('Listening on')).toHaveLength(3);
  });
});
