import { Program } from './support/program.ts';

const LAST_WORDS = 'last words of server\nlast words of collectors\nlast words of telemetry\n';
const CLOSED =
  'closes server\nclosed server\ncloses collectors\nclosed collectors\ncloses telemetry\nclosed telemetry\n';

const run = (...args: string[]) => Program.run('exiting.mjs', ...args);

/** What Node printed, without the lines of the stack. */
const report = (stderr: string) => stderr.replaceAll(/^ {4}at .*\n/gm, '');

describe('process.exit()', () => {
  it.each([
    ['exit', 3],
    ['exit-in-own-exit-handler', 6],
    ['exit-code', 5],
  ])('lets every part say last words, and the code stays (%s)', async (how, code) => {
    expect(await run(how)).toEqual({ code, signal: null, stdout: LAST_WORDS, stderr: '' });
  });

  it('in the middle of a shutdown ends the process with its code, after last words', async () => {
    const { code, stdout } = await run('exit-while-closing');
    expect(code).toBe(3);
    expect(stdout).toBe(`closes server\nclosed server\ncloses collectors\n${LAST_WORDS}`);
  });

  it('in a signal handler of the process itself ends it with its code, after last words', async () => {
    const { code, stdout } = await run('exit-in-own-signal-handler');
    expect(code).toBe(3);
    expect(stdout).toBe(`closes server\n${LAST_WORDS}`);
  });
});

describe('an error that nobody caught', () => {
  it.each([
    ['uncaught', 1, 'nobody caught this'],
    ['rejection', 1, 'nobody handled this'],
    ['handler-throws', 7, 'the handler threw this'],
    ['handler-exits', 9, ''],
    ['own-exit-handler-throws', undefined, 'thrown in exit'],
  ])('lets every part say last words; message and code are those of Node (%s)', async (how, code, message) => {
    const [end, without] = await Promise.all([run(how), run(how, 'without')]);
    expect(end.stdout).toBe(LAST_WORDS);
    expect(without.stdout).toBe('');
    expect(end.code).toBe(without.code);
    expect(end.code).toBe(code ?? without.code);
    expect(report(end.stderr)).toBe(report(without.stderr));
    expect(end.stderr).toContain(message);
  });

  it('during a shutdown ends the process as ever, after last words', async () => {
    const { code, stdout, stderr } = await run('uncaught-while-closing');
    expect(code).toBe(1);
    expect(stdout).toBe(`closes server\nclosed server\ncloses collectors\n${LAST_WORDS}`);
    expect(stderr).toContain('Error: nobody caught this');
  });

  it('closes nothing when a handler of the process survives it; the parts close at the end', async () => {
    const { code, stdout, stderr } = await run('survives');
    expect(code).toBe(0);
    expect(stdout).toBe(`caught first\nemit is as before\nhandled second\n${CLOSED}${LAST_WORDS}`);
    expect(stderr).toBe('');
  });

  it("leaves another tool's process.emit in its place", async () => {
    const { stdout } = await run('patched-emit');
    expect(stdout).toBe(`caught first\nemit is as before\n${CLOSED}${LAST_WORDS}`);
  });
});
