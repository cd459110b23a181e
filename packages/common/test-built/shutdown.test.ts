import { Program } from './support/program.ts';

const CLOSED =
  'closes server\nclosed server\ncloses collectors\nclosed collectors\ncloses telemetry\nclosed telemetry\n';
const LAST_WORDS = 'last words of server\nlast words of collectors\nlast words of telemetry\n';

const start = (how: string) => Program.start('closing.mjs', how).said('ready');
const run = (how: string) => Program.run('closing.mjs', how);

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'closes in order on %s, and is still what ended the process',
    async (signal) => {
      const program = await start('wait');
      expect(await program.kill(signal).end()).toEqual({
        code: null,
        signal,
        stdout: `ready\n${CLOSED}${LAST_WORDS}`,
        stderr: '',
      });
    },
  );

  it('leaves the decision to a handler of the process itself', async () => {
    const program = await start('own-handler');
    const { code, stdout } = await program.kill('SIGTERM').end();
    expect(code).toBe(7);
    expect(stdout).toBe(`ready\ncloses server\nown handler\n${CLOSED.slice('closes server\n'.length)}${LAST_WORDS}`);
  });

  it('leaves the decision also to a handler that was added with once', async () => {
    const program = await start('once-handler');
    const { code, stdout } = await program.kill('SIGTERM').end();
    expect(code).toBe(7);
    expect(stdout).toContain('own handler\n');
    expect(stdout).toMatch(new RegExp(`closed telemetry\n${LAST_WORDS}$`));
  });

  it('does not wait for a listener that only watches, as the package signal-exit has', async () => {
    const program = await start('signal-exit');
    const { signal, stdout } = await program.kill('SIGTERM').end();
    expect(signal).toBe('SIGTERM');
    expect(stdout).toBe(`ready\n${CLOSED}${LAST_WORDS}watched\n`);
  });

  it('closes nothing on a SIGHUP that the process itself takes as "read again"', async () => {
    const program = await start('reload');
    await program.kill('SIGHUP').said('read again');
    const { signal, stdout } = await program.kill('SIGTERM').end();
    expect(signal).toBe('SIGTERM');
    expect(stdout).toBe(`ready\nread again\n${CLOSED}${LAST_WORDS}`);
  });

  it('comes twice from one Ctrl-C: the echo does not cut the shutdown short', async () => {
    const program = await start('echo');
    const { signal, stdout } = await program.kill('SIGTERM').end();
    expect(signal).toBe('SIGTERM');
    expect(stdout).toBe(`ready\n${CLOSED}${LAST_WORDS}`);
  });

  it('ends the process at once when somebody asks again, after last words', async () => {
    const program = await start('stuck');
    await program.kill('SIGTERM').said('closes server');
    // Another signal is no echo.
    const { signal, stdout, stderr } = await program.kill('SIGINT').end();
    expect(signal).toBe('SIGINT');
    expect(stdout).toBe(`ready\ncloses server\n${LAST_WORDS}`);
    expect(stderr).toBe('');
  });

  it('that comes during a shutdown waits for it', async () => {
    const { signal, stdout } = await run('in-a-shutdown');
    expect(signal).toBe('SIGTERM');
    expect(stdout).toBe(`closes server\nready\n${CLOSED.slice('closes server\n'.length)}${LAST_WORDS}`);
  });
});

describe('the natural end of a process', () => {
  it.each([
    ['natural', 0],
    ['natural-with-code', 4],
  ])('closes in order, and the exit code stays (%s)', async (how, code) => {
    expect(await run(how)).toEqual({ code, signal: null, stdout: `ready\n${CLOSED}${LAST_WORDS}`, stderr: '' });
  });
});

describe('a shutdown', () => {
  it('does not let a part that hangs or fails keep the others from closing', async () => {
    const { code, stdout, stderr } = await run('broken');
    expect(code).toBe(0);
    // Each once, though the process ends naturally afterwards.
    expect(stdout).toBe(
      `closes server\nready\ncloses collectors\nclosed collectors\ncloses telemetry\nclosed telemetry\nincomplete\n${LAST_WORDS}`,
    );
    expect(stderr).toMatch(/failed to close \(server\): broken\n.*longer than \d+ ms.*"collectors"/s);
  });

  it('keeps the process alive for a part that waits in vain, up to the deadline', async () => {
    const { code, stdout } = await run('dead-end');
    expect(code).toBe(0);
    expect(stdout).toContain('closed telemetry\nincomplete\n');
  });

  it('keeps time for the later phases when the first takes all of its own', async () => {
    const { code, stdout, stderr } = await run('slow-server');
    expect(code).toBe(0);
    expect(stderr).toContain('"server"');
    expect(stdout).toContain('closed collectors\ncloses telemetry\nclosed telemetry\nincomplete\n');
  });

  it('leaves no listener when no part is left', async () => {
    const { stdout } = await run('nothing-left');
    expect(stdout).toBe('listeners 0 0\nready\nlisteners while closing 1\nlisteners 0 0\n');
  });
});
