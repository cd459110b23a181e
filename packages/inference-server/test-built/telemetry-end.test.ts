import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { ChildServer, scripts } from './child-server.ts';

/** Clients that send at the same time, each without a pause. */
const CLIENTS = 8;
/** Requests that each is answered before the server is told to end. */
const FIRST = 25;

/** Answers the number that it gets; told so, it ends its process in one way or another. */
const SCRIPT = `
  const ends = {
    exit: () => process.exit(7),
    throw: () => void setTimeout(() => { throw new Error('outside'); }),
    reject: () => void Promise.reject(new Error('outside')),
  };
  export const run = async (raw) => { await null; return ends[raw]?.() ?? [Number(raw)]; };
`;

let folder: Awaited<ReturnType<typeof scripts>>;
let standIn: TelemetryStandIn;
let child: ChildServer;
beforeEach(async () => {
  folder = await scripts({ 'score.mjs': SCRIPT });
  standIn = await startTelemetryStandIn();
});
afterEach(async () => {
  await child.kill();
  await standIn.close();
  await folder.remove();
});

function serve(workers: number): Promise<string> {
  const argv = ['--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1', '--port', '0'];
  child = new ChildServer([...argv, '--worker-count', `${workers}`], {
    AML_APP_INSIGHTS_ENABLED: 'true',
    APPLICATIONINSIGHTS_CONNECTION_STRING: standIn.connectionString,
  });
  return child.url();
}

/** Posts a body. @returns Whether it was answered as it should be. */
async function score(url: string, agent: Agent, body: string, id: string): Promise<boolean> {
  const outgoing = request(`${url}/score`, { method: 'POST', agent, headers: { 'x-request-id': id } });
  outgoing.end(body);
  try {
    const [response] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of response) {
      text += chunk;
    }
    return response.statusCode === 200 && text === `[${body}]`;
  } catch {
    return false;
  }
}

/** A load on a server that goes on until it does not answer, or until it is stopped. */
class Load {
  readonly answered: string[] = [];
  readonly begun: Promise<unknown>;
  readonly ended: Promise<unknown>;
  #isOver = false;

  /** @param goesOn Whether a request without an answer ends nothing: another worker takes the next. */
  constructor(url: string, goesOn = false) {
    const clients = Array.from({ length: CLIENTS }, (_, client) => this.#client(url, client, goesOn));
    this.begun = Promise.all(clients.map(({ begun }) => begun));
    this.ended = Promise.all(clients.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.ended;
  }

  #client(url: string, client: number, goesOn: boolean) {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const send = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let number = 0, isServed = true; !this.#isOver && (isServed || goesOn); number++) {
        const id = `load-${client}-${String(number).padStart(6, '0')}`;
        isServed = await score(url, agent, String(number), id);
        if (isServed) {
          this.answered.push(id);
        }
        if (number === FIRST) {
          resolve();
        }
      }
      agent.destroy();
    };
    return { begun, ended: send() };
  }
}

/** The ids of the load that items of a kind have, in order. */
const idsOf = (baseType: string) =>
  standIn
    .items(({ baseType: kind, properties }) => kind === baseType && /^load-/.test(properties['Request Id'] ?? ''))
    .filter(({ data }) => baseType === 'MessageData' || data['responseCode'] === '200')
    .map(({ properties }) => properties['Request Id'] ?? '');

/** Each request that was answered has its item and its bodies, no two of a kind. */
function expectAll(answered: readonly string[]): void {
  expect(answered.length).toBeGreaterThanOrEqual(CLIENTS * FIRST);
  for (const baseType of ['RequestData', 'MessageData']) {
    const ids = new Set(idsOf(baseType));
    expect(answered.filter((id) => !ids.has(id))).toEqual([]);
  }
}

describe('the items of requests that were answered', () => {
  it.each([1, 2])('arrive when SIGTERM ends the server in the middle of the load (workers: %d)', async (workers) => {
    const load = new Load(await serve(workers));
    await load.begun;
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    await load.ended;
    expectAll(load.answered);
    // In good order, so that none was sent twice.
    expect(idsOf('RequestData').sort()).toEqual([...load.answered].sort());
  });

  it.each([
    ['run() calls process.exit', 'exit', 7],
    ['an error is not caught', 'throw', 5],
    ['a rejection is not handled', 'reject', 5],
  ])('arrive when %s in the middle of the load', async (_, how, code) => {
    const url = await serve(1);
    const load = new Load(url);
    await load.begun;
    await score(url, new Agent(), how, 'the-end');
    expect(await child.ended).toBe(code);
    await load.ended;
    expectAll(load.answered);
    expect(child.stderr).not.toContain('Telemetry');
  });

  it.each(['exit', 'throw'])('arrive when one of two workers ends by %s, and the load goes on', async (how) => {
    const url = await serve(2);
    const load = new Load(url, true);
    await load.begun;
    await score(url, new Agent(), how, 'the-end');
    await child.loggedTimes('Listening on', 3);
    await load.stop();
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expectAll(load.answered);
  });

  it.each([
    ['SIGTERM', /Telemetry: (\d+) items could not be sent before the end/],
    ['exit', /Telemetry: (\d+) items were not sent before the process ended/],
  ])('are counted and told when the service is down: %s', async (how, said) => {
    standIn.respondWith({ status: 503 });
    const url = await serve(1);
    const load = new Load(url);
    await load.begun;
    if (how === 'SIGTERM') {
      child.child.kill('SIGTERM');
    } else {
      await score(url, new Agent(), how, 'the-end');
    }
    await Promise.all([child.ended, load.ended]);
    expect(standIn.items()).toEqual([]);
    // One for the request and one for its bodies; an answer may have been cut by the exit.
    const lost = Number(said.exec(child.stderr)?.[1]);
    expect(lost).toBeGreaterThanOrEqual(2 * load.answered.length);
    expect(lost).toBeLessThanOrEqual(2 * (load.answered.length + (how === 'SIGTERM' ? 0 : CLIENTS)));
  });
});
