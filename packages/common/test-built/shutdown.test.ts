import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const program = path.join(__dirname, 'fixtures', 'closing-process.mjs');

/** Starts the fixture and waits for its first line. */
async function start(...args: string[]): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (piece) => {
    text += piece;
  });
  child.stderr.on('data', (piece) => {
    text += piece;
  });
  await once(child.stdout, 'data');
  return { child, output: () => text };
}

async function end(child: ChildProcess): Promise<unknown[]> {
  return child.exitCode === null && child.signalCode === null
    ? await once(child, 'close')
    : [child.exitCode, child.signalCode];
}

describe('the end of a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'closes in order on %s, and the signal is still what ended it',
    async (signal) => {
      const { child, output } = await start('wait');
      child.kill(signal);
      expect(await end(child)).toEqual([null, signal]);
      expect(output()).toBe('ready\nserver\ncollectors\ntelemetry\n');
    },
  );

  it('leaves the decision to a handler of the process itself', async () => {
    const { child, output } = await start('own-handler');
    child.kill('SIGTERM');
    expect(await end(child)).toEqual([7, null]);
    expect(output()).toBe('ready\nown handler\nserver\ncollectors\ntelemetry\nlast words\n');
  });

  it('leaves the decision also to a handler that was added with once', async () => {
    const { child, output } = await start('once-handler');
    child.kill('SIGTERM');
    expect(await end(child)).toEqual([7, null]);
    expect(output()).toBe('ready\nserver\ncollectors\ntelemetry\nlast words\n');
  });

  it('does not wait for a listener that only watches, as the package signal-exit has', async () => {
    const { child, output } = await start('signal-exit');
    child.kill('SIGTERM');
    expect(await end(child)).toEqual([null, 'SIGTERM']);
    expect(output()).toBe('ready\nserver\ncollectors\ntelemetry\nwatched\n');
  });

  it('closes at the natural end, and the exit code stays', async () => {
    const { child, output } = await start('natural');
    expect(await end(child)).toEqual([0, null]);
    expect(output()).toBe('ready\nserver\ncollectors\ntelemetry\nlast words\n');
  });

  it('lets each part say last words when the process exits at once', async () => {
    const { child, output } = await start('exit');
    expect(await end(child)).toEqual([3, null]);
    expect(output()).toBe('ready\nlast words\n');
  });

  it('does not let a part that hangs or fails keep the others from closing', async () => {
    const { child, output } = await start('hang');
    expect(await end(child)).toEqual([0, null]);
    expect(output()).toMatch(
      /ready\n.*failed to close \(server\): broken\n.*longer than \d+ ms.*"collectors".*\ntelemetry\nincomplete/s,
    );
  });

  it('keeps time for the later phases when the first takes all of its own', async () => {
    const { child, output } = await start('slow-server');
    expect(await end(child)).toEqual([0, null]);
    expect(output()).toMatch(/"server".*\ncollectors\ntelemetry\nincomplete/s);
  });

  it('ends at once when asked a second time', async () => {
    const { child } = await start('stuck');
    child.kill('SIGTERM');
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    expect(await end(child)).toEqual([null, 'SIGTERM']);
  });
});
