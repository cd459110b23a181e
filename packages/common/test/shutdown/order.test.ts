import { setLogSink } from '../../src/logger.ts';
import { closePhase, runPhases } from '../../src/shutdown/order.ts';
import { type Part, partOf, type ShutdownHook, type ShutdownPhase, sayLastWords } from '../../src/shutdown/parts.ts';

/** Parts that write down when they close. */
function setUp() {
  const said: string[] = [];
  const closing = { parts: new Set<Part>(), begun: new WeakMap<Part, Promise<boolean>>() };
  const add = (phase: ShutdownPhase, name: string, close: ShutdownHook['close'] = () => undefined): Part => {
    const part = partOf(phase, {
      close: (abortSignal) => {
        said.push(name);
        return close(abortSignal);
      },
      onExit: () => void said.push(`last words of ${name}`),
    });
    closing.parts.add(part);
    return part;
  };
  return { said, closing, add };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('the order of a shutdown', () => {
  let lines: string[] = [];
  let restore: () => void;

  beforeEach(() => {
    lines = [];
    restore = setLogSink((line) => lines.push(line));
  });
  afterEach(() => restore());

  it('closes phase by phase, whatever the order of registration', async () => {
    const { said, closing, add } = setUp();
    add('telemetry', 'telemetry');
    add('server', 'server 1', () => new Promise((resolve) => setImmediate(resolve)));
    add('collectors', 'collectors');
    add('server', 'server 2');
    expect(await runPhases(closing, 1000)).toBe(true);
    expect(said).toEqual(['server 1', 'server 2', 'collectors', 'telemetry']);
  });

  it('leaves no timer behind when everything closes in time', async () => {
    const { closing, add } = setUp();
    const before = timers();
    add('server', 'server');
    await runPhases(closing, 60_000);
    expect(timers()).toBe(before);
  });

  it('leaves no timer behind when a part closes only after its deadline', async () => {
    const { closing, add } = setUp();
    const before = timers();
    add(
      'server',
      'server',
      (abortSignal) => new Promise((resolve) => abortSignal.addEventListener('abort', () => resolve())),
    );
    expect(await runPhases(closing, 0)).toBe(false);
    expect(timers()).toBe(before);
    expect(lines).toHaveLength(1);
  });

  it('closes a part that comes during its phase, or after it', async () => {
    const { said, closing, add } = setUp();
    add('server', 'server', () => {
      add('server', 'another server');
      add('collectors', 'a collector');
    });
    add('collectors', 'collectors', () => {
      add('server', 'a late server');
    });
    add('telemetry', 'telemetry', () => {
      add('collectors', 'a late collector');
    });
    expect(await runPhases(closing, 60_000)).toBe(true);
    expect(said).toEqual([
      'server',
      'another server',
      'collectors',
      'a collector',
      'a late server',
      'telemetry',
      'a late collector',
    ]);
  });

  it('comes to an end although every part that closes brings another', async () => {
    const { closing, add } = setUp();
    const again = () => void add('server', 'server', again);
    again();
    expect(await runPhases(closing, 20)).toBe(false);
    expect(lines[0]).toContain('phase "server"');
  });

  it('closes nothing that was taken back before its turn, and waits for what is taken back while it closes', async () => {
    const { said, closing, add } = setUp();
    const collectors = add('collectors', 'collectors');
    const server: Part = add('server', 'server', async () => {
      closing.parts.delete(server);
      closing.parts.delete(collectors);
      await new Promise((resolve) => setImmediate(resolve));
      said.push('server closed');
    });
    add('telemetry', 'telemetry');
    expect(await runPhases(closing, 60_000)).toBe(true);
    expect(said).toEqual(['server', 'server closed', 'telemetry']);
  });

  it('closes each part once in two runs at a time, and both wait for it', async () => {
    const { said, closing, add } = setUp();
    const closed = Promise.withResolvers<void>();
    add('server', 'server', () => closed.promise);
    add('collectors', 'collectors', () => Promise.reject(new Error('broken')));
    const run = runPhases(closing, 60_000);
    let isOver = false;
    const phase = closePhase(closing, 'server', new AbortController().signal).then((isGood) => {
      isOver = true;
      return isGood;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    closed.resolve();
    expect(await phase).toBe(true);
    expect(await run).toBe(false);
    // Also in a run that comes later; how it went is remembered.
    expect(await runPhases(closing, 60_000)).toBe(false);
    expect(said).toEqual(['server', 'collectors']);
  });

  it('closes a part once that asks for another run while it closes', async () => {
    const { said, closing, add } = setUp();
    let inner: Promise<boolean> | undefined;
    add('server', 'server', () => {
      inner ??= closePhase(closing, 'server', new AbortController().signal);
    });
    expect(await runPhases(closing, 60_000)).toBe(true);
    expect(await inner).toBe(true);
    expect(said).toEqual(['server']);
  });

  it('does not wait again in a later phase for what an earlier one has given up', async () => {
    const { said, closing, add } = setUp();
    add('server', 'server', () => new Promise(() => undefined));
    add('telemetry', 'telemetry');
    expect(await runPhases(closing, 100)).toBe(false);
    expect(said).toEqual(['server', 'telemetry']);
    expect(lines).toHaveLength(1);
  });

  it('has every part say its last words once, in order, also when one of them fails', () => {
    const { said, closing, add } = setUp();
    add('telemetry', 'telemetry');
    closing.parts.add(
      partOf('server', {
        close: () => undefined,
        onExit: () => {
          throw new Error('broken');
        },
      }),
    );
    add('collectors', 'collectors');
    sayLastWords(closing.parts);
    sayLastWords(closing.parts);
    expect(said).toEqual(['last words of collectors', 'last words of telemetry']);
    expect(lines).toEqual(['azureml-ts:common:error A part of the process failed on exit: broken']);
  });
});
