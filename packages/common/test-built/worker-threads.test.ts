import { type End, Program } from './support/program.ts';

const PHASES = ['server', 'collectors', 'telemetry'];
const lines = (who: string, words: (phase: string) => string[]) =>
  PHASES.flatMap((phase) => words(phase).map((text) => `${who} ${text} ${phase}`));
const closed = (who = 'worker') => lines(who, () => ['closes', 'closed']);
const lastWords = (who = 'worker') => lines(who, () => ['last words of']);

async function run(how: string, work = 'wait', copy = 'esm'): Promise<End & { said: string[] }> {
  const end = await Program.run('threads.mjs', how, work, copy);
  return { ...end, said: end.stdout.split('\n').slice(0, -1) };
}

describe('the hooks of worker threads', () => {
  it.each(['esm', 'cjs'])('close on a signal, though only the main thread gets it (%s copy there)', async (copy) => {
    const { said, signal, stderr } = await run('signal', 'wait', copy);
    expect(said).toEqual([...closed(), ...lastWords()]);
    expect(signal).toBe('SIGTERM');
    expect(stderr).toBe('');
  });

  it('close phase by phase with those of the main thread and of other threads', async () => {
    const { said, signal } = await run('signal-both');
    expect(signal).toBe('SIGTERM');
    for (const who of ['main', 'worker 1', 'worker 2']) {
      expect(said.filter((line) => line.startsWith(who))).toEqual([...closed(who), ...lastWords(who)]);
    }
    // No phase begins anywhere before the one before it is over everywhere.
    const phases = said
      .filter((line) => line.includes(' close'))
      .map((line) => PHASES.indexOf(line.split(' ').at(-1) ?? ''));
    expect(phases).toEqual(phases.toSorted());
  });

  it('close also when the main thread loads the package after them', async () => {
    const { said, signal } = await run('signal-late');
    expect(said).toEqual(['main: listens 0', ...closed(), ...lastWords()]);
    expect(signal).toBe('SIGTERM');
  });

  it('close also in a thread that another worker thread started', async () => {
    const { said, signal } = await run('signal', 'nests');
    expect(said).toEqual([...closed('inner worker'), ...lastWords('inner worker')]);
    expect(signal).toBe('SIGTERM');
  });

  it('close when the main thread calls shutdown()', async () => {
    const { said } = await run('call');
    expect(said).toEqual([...closed(), 'main: complete', 'main: worker ended with 1', 'main: exit 0']);
  });

  it('close once when both threads call shutdown()', async () => {
    const { said } = await run('call', 'calls-shutdown');
    expect(said.filter((line) => line.startsWith('worker')).toSorted()).toEqual(closed().toSorted());
    expect(said).toContain('main: complete');
  });

  it('close at the natural end of the main thread, which a thread without a reference does not hold up', async () => {
    const { said, code } = await run('unref');
    expect(said).toEqual([...closed(), ...lastWords(), 'main: exit 0']);
    expect(code).toBe(0);
  });

  it('close when they came after a shutdown', async () => {
    const { said } = await run('call-again');
    expect(said).toEqual([...closed(), 'worker closes what came later', 'main: worker ended with 1', 'main: exit 0']);
  });

  it('that take themselves back leave nothing that listens', async () => {
    const { said } = await run('call-forgetting', 'forgets');
    expect(said).toEqual([
      ...lines('worker', () => ['closed']),
      'main: complete',
      'main: listens no more',
      'main: worker ended with 1',
      'main: exit 0',
    ]);
  });

  it('count as closed when the thread has closed them itself and is about to end', async () => {
    const { said } = await run('call-at-its-end', 'ends-slowly');
    expect(said.filter((line) => line.startsWith('worker close'))).toEqual(closed());
    expect(said).toContain('main: complete');
  });

  it('that fail are reported to the main thread, and the later phases run', async () => {
    const { said, stderr } = await run('call', 'fails');
    expect(said).toContain('main: incomplete');
    expect(said).toContain('worker closed telemetry');
    expect(stderr).toMatch(/^azureml-ts:common:error .*failed to close \(collectors\): broken\n$/);
  });

  it('that hang are given up at the deadline of the main thread, and the later phases run', async () => {
    const { said, stderr } = await run('call', 'hangs');
    expect(said.slice(0, 7)).toEqual([
      ...closed().slice(0, 3),
      'worker is told of the deadline',
      ...closed().slice(4),
      'main: incomplete',
    ]);
    expect(stderr).toMatch(/^azureml-ts:common:error Closing took longer than \d+ ms in the phase "collectors".*\n$/);
  });

  it('of a thread that is ended meanwhile are not waited for', async () => {
    const { said } = await run('terminate-while-closing', 'hangs-and-says');
    expect(said).toContain('main: incomplete');
    expect(said).not.toContain('worker closes telemetry');
  });

  it('do not keep the thread alive while the main thread waits for its end', async () => {
    const { said, signal } = await run('pool');
    expect(said).toEqual([...closed(), ...lastWords(), 'worker exits with 0', 'main: worker ended with 0']);
    expect(signal).toBe('SIGTERM');
  });
});

describe('the end of a worker thread', () => {
  it('closes its hooks when it is natural', async () => {
    const { said, code } = await run('natural', 'ends');
    expect(said).toEqual([
      ...closed(),
      ...lastWords(),
      'worker exits with 0',
      'main: worker ended with 0',
      'main: exit 0',
    ]);
    expect(code).toBe(0);
  });

  it.each([
    ['exits', ['worker exits with 4', 'main: worker ended with 4']],
    ['throws', ['worker exits with 1', 'main: worker failed: nobody caught this', 'main: worker ended with 1']],
  ])('leaves time for last words only when the thread %s', async (work, end) => {
    const { said } = await run('natural', work);
    expect(said).toEqual([...lastWords(), ...end, 'main: exit 0']);
  });

  it('by terminate() gives it no chance, and the main thread forgets it', async () => {
    const { said } = await run('terminate');
    expect(said).toEqual(['main: worker ended with 1', 'main: listens no more', 'main: exit 0']);
  });
});

describe('the end of the process without a shutdown', () => {
  it.each([
    ['exit', 5],
    ['uncaught', 1],
  ])('lets worker threads say last words (%s)', async (how, expected) => {
    const { said, code } = await run(how);
    expect(said).toEqual([...lastWords(), `main: exit ${expected}`]);
    expect(code).toBe(expected);
  });

  it('does not wait long for a thread that is busy', async () => {
    const { said, code } = await run('exit-busy');
    expect(said).toEqual(['main: exit 5']);
    expect(code).toBe(5);
  });

  it.each([
    ['exit-without', ['main: exit 5']],
    ['signal-without', []],
  ])('gives worker threads no chance when the main thread has not loaded the package (%s)', async (how, expected) => {
    const { said } = await run(how);
    expect(said).toEqual(expected);
  });
});
