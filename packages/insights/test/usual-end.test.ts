import { type Run, runProgram } from './run-program.ts';
import { Bench } from './support.ts';

/** Tracks requests of the usual form, which have templates from the second one on: two items each. */
const TRACK = `
  import { writeSync } from 'node:fs';
  import { parentPort } from 'node:worker_threads';
  let count = 0;
  const hex = (digits) => (count + 1).toString(16).padStart(digits, '0');
  function track(times = 1) {
    for (let time = 0; time < times; time++) {
      insights.trackRequest({
        name: 'POST /score', url: 'http://h/score', startedAt: new Date(), durationMs: 1.5, statusCode: 200,
        requestId: hex(36), traceId: hex(32), spanId: hex(16), input: '[' + count + ']', output: 'é' + count,
      });
      count += 1;
    }
  }
  process.on('exit', () => writeSync(1, JSON.stringify({ count, tracked: insights.stats().tracked }) + '\\n'));
`;
const BUSY = 'setInterval(() => {}, 1000); parentPort.postMessage(1);';
const THREADS = `import { Worker } from 'node:worker_threads';\nimport { once } from 'node:events';\n`;

/** A worker thread that tracks 50 requests and then does something. */
const thread = (program: string) => {
  const text = `import { startInsights } from '@azureml-ts/insights';\nconst insights = startInsights();\n${TRACK}\ntrack(50);\n${program}`;
  return `${THREADS}const thread = new Worker(new URL('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(text))}));\n`;
};

describe('requests that wait when the process ends', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const run: Run = (program, options) => runProgram(bench, `${TRACK}${program}`, options);

  /** Which requests arrived, each with its bodies, and how often. */
  function arrived() {
    const requests = bench.standIn.items({ baseType: 'RequestData' });
    const bodies = bench.standIn.items({ baseType: 'MessageData' });
    for (const { properties } of bodies) {
      const number = Number.parseInt(properties['Request Id'] ?? '', 16) - 1;
      expect([properties['Input'], properties['Prediction']]).toEqual([`[${number}]`, `"é${number}"`]);
    }
    const idsOf = (items: typeof requests) => items.map(({ properties }) => properties['Request Id']);
    expect(new Set(idsOf(bodies))).toEqual(new Set(idsOf(requests)));
    return { items: requests.length + bodies.length, requests: new Set(idsOf(requests)).size };
  }

  const told = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { count: number; tracked: number });

  it.each([
    ['naturally', 'track(700);', 0],
    ['by process.exit', 'track(700); process.exit(7);', 7],
    ['by process.exit in the middle of a request', 'setImmediate(() => { track(700); process.exit(7); });', 7],
    ['by process.exit with a batch under way', 'track(699); setTimeout(() => { track(1); process.exit(7); }, 20);', 7],
    ['by an error that nobody caught', 'track(700); throw new Error("boom");', 1],
    ['by a rejection that nobody handled', 'track(700); Promise.reject(new Error("boom"));', 1],
    [
      'by a handler of its own',
      'process.on("uncaughtException", () => { track(1); process.exit(7); }); track(699); throw new Error("boom");',
      7,
    ],
    [
      'with some that a listener to the exit tracks',
      'process.on("exit", () => track(1)); track(699); process.exit(7);',
      7,
    ],
  ])('arrive when it ends %s', async (how, program, code) => {
    const ended = await run(program);

    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain('Telemetry');
    const { items, requests } = arrived();
    expect(requests).toBe(700);
    // What was under way goes again: whether it had arrived, nobody heard.
    expect(items).toBeGreaterThanOrEqual(1400);
    if (!how.includes('under way')) {
      expect(items).toBe(1400);
    }
  });

  it('arrive when SIGTERM ends it in the middle of the load', async () => {
    const ended = await run(
      `const load = () => { track(7); writeSync(1, JSON.stringify({ count }) + '\\n'); setImmediate(load); };
      load();`,
      {
        onLine(_, child) {
          if (!child.killed) {
            child.kill('SIGTERM');
          }
        },
      },
    );

    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    const { count } = told(ended.stdout).at(-1) ?? { count: 0 };
    expect(count).toBeGreaterThan(0);
    expect(arrived()).toEqual({ requests: count, items: 2 * count });
  });

  it('are counted and told when the service is down', async () => {
    bench.standIn.respondWith({ status: 503 });
    const ended = await run('track(700); process.exit(7);');

    expect(ended.code).toBe(7);
    expect(told(ended.stdout)).toEqual([{ count: 700, tracked: 1400 }]);
    expect(ended.stderr).toContain('1400 items were not sent before the process ended');
  });

  it.each([
    ['ends by itself', '', `await once(thread, 'exit');`],
    ['calls process.exit', 'process.exit(3);', `await once(thread, 'exit');`],
    ['throws', 'throw new Error("boom");', `await once(thread, 'exit').catch(() => undefined);`],
    ['is at work when SIGTERM comes', BUSY, `await once(thread, 'message'); process.kill(process.pid, 'SIGTERM');`],
  ])('arrive from a worker thread that %s', async (_, program, wait) => {
    await run(`${thread(program)}${wait}`);

    expect(arrived()).toEqual({ requests: 50, items: 100 });
  });
});
