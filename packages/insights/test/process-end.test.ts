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

  it.each([
    ['default', ''],
    [
      'captureUncaught: false',
      `import { startInsights } from '@azureml-ts/insights';\nconst insights = startInsights({ captureUncaught: false });\n`,
    ],
  ])('by process.exit keeps its exit code, and what waits arrives (%s)', async (_, start) => {
    const ended = await run(`console.log('a'); console.log('b'); process.exit(7);`, start === '' ? {} : { start });

    expect(ended).toEqual({ code: 7, signal: null, stdout: 'a\nb\n', stderr: '' });
    expect(contents()).toEqual(['a', 'b']);
  });

  it('by process.exit posts nothing when nothing waits', async () => {
    const ended = await run(`console.log('a'); await insights.flush(); process.exit(7);`);

    expect(ended).toMatchObject({ code: 7, stderr: '' });
    expect(bench.standIn.requests()).toHaveLength(1);
  });

  it('by process.exit says how many items are lost when the service is down', async () => {
    bench.standIn.respondWith({ status: 503 });
    const ended = await run(`console.log('a'); console.log('b'); process.exit(3);`);

    expect(ended.code).toBe(3);
    expect(ended.stderr.match(/\d+ items were not sent before the process ended/g)).toEqual([
      '2 items were not sent before the process ended',
    ]);
  });

  it.each([
    ['the natural end', '', 0],
    ['process.exit', 'process.exit(7);', 7],
  ])('with lines that listeners to the exit print: they arrive after %s', async (_, program, code) => {
    const ended = await run(`
      process.on('exit', () => console.log('first listener'));
      process.once('beforeExit', () => process.on('exit', () => console.log('late listener')));
      console.log('work');
      ${program}
    `);

    const lines = ['work', 'first listener', ...(code === 0 ? ['late listener'] : [])];
    expect(ended).toEqual({ code, signal: null, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' });
    expect(contents()).toEqual(lines);
  });

  it('with a listener to the exit that ends the process at once', async () => {
    const ended = await run(`
      process.on('exit', () => { process.exit(9); });
      console.log('work');
      process.exit(7);
    `);

    expect(ended).toMatchObject({ code: 9, stderr: '' });
    expect(contents()).toEqual(['work']);
  });

  it('lets go of the console when telemetry is closed after a shutdown', async () => {
    const ended = await run(`
      const { shutdown } = await import('@azureml-ts/common');
      const before = console.log;
      await shutdown();
      await insights.close();
      console.log(console.log === before, Object.hasOwn(process, 'emit'));
    `);

    expect(ended).toMatchObject({ code: 0, stdout: 'false false\n', stderr: '' });
    expect(contents()).toEqual([]);
  });

  it('takes what is printed between a shutdown and the close', async () => {
    const ended = await run(`
      const { shutdown } = await import('@azureml-ts/common');
      await shutdown();
      console.log('between');
      await insights.close();
      console.log('after');
    `);

    expect(ended).toMatchObject({ code: 0, stdout: 'between\nafter\n', stderr: '' });
    expect(contents()).toEqual(['between']);
  });

  it('comes within the deadline when the service is down, and says what is lost', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    const ended = await run(`console.log('a');`);

    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('1 items could not be sent before the end');
  });
});
