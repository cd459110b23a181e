import { type Run, runProgram } from './run-program.ts';
import { Bench } from './support.ts';

describe('the end of the process', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const run: Run = (program, options) => runProgram(bench, program, options);

  const contents = () => bench.standIn.items().map(({ properties }) => properties['Contents']);

  it('comes when the work is done, and the last lines arrive', async () => {
    const ended = await run(`console.log({ input: [1] }); print('{"output": 2}');`);

    expect(ended).toEqual({ code: 0, signal: null, stdout: '{ input: [ 1 ] }\n{"output": 2}\n', stderr: '' });
    expect(contents()).toEqual(['{"input":[1]}', '{"output": 2}']);
    expect(bench.standIn.items()[0]?.tags['ai.cloud.role']).toBe('my-svc');
  });

  it('is not put off by a connection that is kept open', async () => {
    const ended = await run(`
      console.log('one');
      await insights.flush();
      console.log('two');
      await insights.flush();
      process.on('exit', () => process.stdout.write(JSON.stringify(process.getActiveResourcesInfo())));
    `);

    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(contents()).toEqual(['one', 'two']);
  });

  it('by SIGTERM stays an end by SIGTERM, and the last lines arrive', async () => {
    const ended = await run(`setInterval(() => {}, 60_000); console.log('ready');`, {
      onLine: (_text, child) => child.kill('SIGTERM'),
    });

    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(contents()).toEqual(['ready']);
  });

  it('by a rejection that nobody handled keeps its exit code', async () => {
    const ended = await run(`console.log('before'); Promise.reject(new Error('boom'));`);

    expect(ended).toMatchObject({ code: 1, signal: null, stderr: expect.stringContaining('boom') });
  });

  it('by process.exit says how many items are lost', async () => {
    const ended = await run(`console.log('a'); console.log('b'); process.exit(3);`);

    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('2 items were not sent before the process ended');
  });

  it('comes within the deadline when the service is down, and says what is lost', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    const ended = await run(`console.log('a');`);

    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('1 items could not be sent before the end');
  });
});
