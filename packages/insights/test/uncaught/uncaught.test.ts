import { type Run, runProgram } from '../run-program.ts';
import { Bench } from '../support.ts';

/** As many lines as the start of telemetry, so that Node's report names the same ones. */
const WITHOUT = `import { print } from '@azureml-ts/insights';\nconst insights = undefined;\n`;
const QUIET = `import { startInsights } from '@azureml-ts/insights';\nconst insights = startInsights({ captureUncaught: false });\n`;

describe('an error that nobody caught', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const run: Run = (program, options) => runProgram(bench, program, options);

  const exceptions = () =>
    bench.standIn.items({ baseType: 'ExceptionData' }).map(({ data, properties }) => {
      const chain = data['exceptions'] as { typeName: string; message: string }[];
      return [properties['origin'], ...chain.map(({ typeName, message }) => `${typeName}: ${message}`)];
    });

  it.each([
    [
      'thrown in a timer',
      `setTimeout(() => { throw new TypeError('boom', { cause: new Error('inner') }); });`,
      ['uncaughtException', 'TypeError: boom', 'Error: inner'],
    ],
    ['thrown at the start', `throw new TypeError('boom');`, [expect.any(String), 'TypeError: boom']],
    [
      'of a promise',
      `Promise.reject(new AggregateError([new Error('part')], 'boom'));`,
      ['unhandledRejection', 'AggregateError: boom', 'Error: part'],
    ],
    [
      'of a promise, that is no Error',
      `Promise.reject('a text');`,
      ['unhandledRejection', expect.stringMatching(/^UnhandledPromiseRejection: .*rejected with the reason "a text"/)],
    ],
    ['that is a text', `setTimeout(() => { throw 'a text'; });`, ['uncaughtException', 'string: a text']],
  ])('%s is delivered with all that waits; exit code and message are those of Node', async (_, program, reported) => {
    const whole = `print('before');${program}`;
    const ended = await run(whole);

    expect(ended).toEqual(await run(whole, { start: WITHOUT }));
    expect(ended).toMatchObject({ code: 1, stdout: 'before\n' });
    expect(exceptions()).toEqual([reported]);
    expect(bench.standIn.items({ baseType: 'MessageData' })).toHaveLength(1);
  });

  it('is tied to its request, and grave', async () => {
    await run(`
      const { runWithRequest } = await import('@azureml-ts/common');
      runWithRequest({ requestId: 'rid-1' }, () => setTimeout(() => { throw new Error('boom'); }));
    `);

    expect(bench.standIn.items()).toMatchObject([
      { data: { severityLevel: 'Critical' }, properties: { 'Request Id': 'rid-1' } },
    ]);
  });

  it.each([
    ['uncaughtException', `setTimeout(() => { throw new Error('boom'); });`],
    ['unhandledRejection', `Promise.reject(new Error('boom'));`],
  ])('and that a handler of %s takes is reported once, and the process goes on', async (event, program) => {
    const ended = await run(`
      process.on('${event}', (error) => {
        insights.trackException({ error });
        console.log('handled', error.message, process.listenerCount('${event}'));
      });
      ${program}
      setTimeout(() => console.log('still here'), 20);
    `);

    expect(ended).toEqual({ code: 0, signal: null, stdout: 'handled boom 1\nstill here\n', stderr: '' });
    expect(exceptions()).toEqual([[event, 'Error: boom']]);
    expect(bench.standIn.items({ baseType: 'MessageData' })).toHaveLength(2);
  });

  it.each([
    ['uncaughtException', `setTimeout(() => { throw new Error('boom'); });`],
    ['unhandledRejection', `Promise.reject(new Error('boom'));`],
  ])('and whose handler of %s ends the process is delivered', async (event, program) => {
    const ended = await run(`process.on('${event}', () => process.exit(7));${program}`);

    expect(ended).toMatchObject({ code: 7, stderr: '' });
    expect(exceptions()).toEqual([[event, 'Error: boom']]);
  });

  it('and whose handler throws ends the process as Node would', async () => {
    const program = `
      process.on('uncaughtException', () => { throw new Error('in the handler'); });
      setTimeout(() => { throw new Error('boom'); });
    `;
    const ended = await run(program);
    const plain = await run(program, { start: WITHOUT });

    expect(ended.code).toBe(plain.code);
    expect(ended.stderr).toContain('in the handler');
    expect(exceptions()).toEqual([['uncaughtException', 'Error: boom']]);
  });

  it('ends the process all the same when the service is down, and what is lost is said', async () => {
    bench.standIn.respondWith({ status: 503 });
    const ended = await run(`throw new Error('boom');`);

    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Error: boom');
    expect(ended.stderr).toContain('1 items were not sent before the process ended');
  });

  it('is left to others when it is not to be reported', async () => {
    const ended = await run(`setTimeout(() => { throw new Error('boom'); });`, { start: QUIET });

    expect(ended.code).toBe(1);
    expect(exceptions()).toEqual([]);
  });

  it('is no error that was caught', async () => {
    const ended = await run(`
      try { JSON.parse('{'); } catch {}
      const late = Promise.reject(new Error('late'));
      late.catch(() => undefined);
      console.log(Object.hasOwn(process, 'emit'));
      await insights.close();
      console.log(Object.hasOwn(process, 'emit'), process.listenerCount('uncaughtExceptionMonitor'));
    `);

    expect(ended.stdout).toBe('true\nfalse 0\n');
    expect(exceptions()).toEqual([]);
  });
});
