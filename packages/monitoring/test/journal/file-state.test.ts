import { open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import {
  type FileState,
  INITIAL_STATE,
  indexFrom,
  isGone,
  withAcknowledged,
  withSkipped,
} from '../../src/journal/file-state.ts';
import { StateFile } from '../../src/journal/state-file.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { range } from './fixtures/slices.ts';

async function statePath(): Promise<string> {
  return path.join(await temporaryFolder(), 'a.state');
}

function stateOf(acknowledged: number, change: Partial<FileState> = {}): FileState {
  return { ...INITIAL_STATE, acknowledged, ...change };
}

describe('what is known of slices', () => {
  it('forgets an intent when the last of its slices is acknowledged, and not before', () => {
    const intent = { first: 3, last: 5, value: 'append at 7' };
    const state = stateOf(2, { intent });
    expect(withAcknowledged(state, 4).intent).toEqual(intent);
    expect(withAcknowledged(state, 5).intent).toBeUndefined();
  });

  it('never goes back', () => {
    expect(withAcknowledged(stateOf(7), 3).acknowledged).toBe(7);
  });

  it('makes one range of two when nothing waits between them', () => {
    const once = withSkipped(INITIAL_STATE, 2, 2, [1, 4, 6, 9]);
    expect(withSkipped(once, 6, 7, [1, 4, 9]).skipped).toEqual([
      [2, 2],
      [6, 7],
    ]);
    expect(withSkipped(once, 4, 7, [1, 9]).skipped).toEqual([[2, 7]]);
  });

  it('has exactly those slices gone that were acknowledged or skipped', () => {
    const step = fc.oneof(fc.record({ skip: fc.nat(40), count: fc.nat(4) }), fc.record({ acknowledge: fc.nat(30) }));
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 })), fc.array(step), (numbers, steps) => {
        const known = [...numbers].sort((one, other) => one - other);
        let state = INITIAL_STATE;
        const gone = new Set<number>();
        for (const one of steps) {
          const isSkip = 'skip' in one;
          for (const sequence of isSkip ? range(one.skip, one.skip + one.count) : range(0, one.acknowledge)) {
            gone.add(sequence);
          }
          const waiting = known.filter((sequence) => !gone.has(sequence));
          state = isSkip
            ? withSkipped(state, one.skip, one.skip + one.count, waiting)
            : withAcknowledged(state, one.acknowledge);
        }
        expect(known.filter((sequence) => isGone(state, sequence))).toEqual(
          known.filter((sequence) => gone.has(sequence)),
        );
      }),
    );
  });

  it('finds a place in an ascending list', () => {
    expect([0, 1, 2, 3, 9, 10].map((value) => indexFrom([1, 3, 9], value))).toEqual([0, 0, 1, 1, 2, 3]);
  });
});

describe('the state on disk', () => {
  it('is the last one that was written, after any number of updates', async () => {
    const file = await statePath();
    const state = StateFile.create(file, INITIAL_STATE);
    for (const through of range(1, 5)) {
      const next = stateOf(through, { intent: { first: through + 1, last: through + 2, value: { at: through } } });
      state.write(next);
      expect(StateFile.open(file).state).toEqual(next);
    }
    const again = StateFile.open(file);
    again.file.write(stateOf(6));
    expect(StateFile.open(file).state).toEqual(stateOf(6));
  });

  it('is the one before when a process ends within an update, at whichever byte', async () => {
    const file = await statePath();
    const state = StateFile.create(file, INITIAL_STATE);
    state.write(stateOf(1));
    const before = await readFile(file);
    state.write(stateOf(2));
    const after = await readFile(file);
    const changed = [...after.keys()].filter((index) => before[index] !== after[index]);
    for (const cut of changed) {
      await writeFile(file, Buffer.concat([after.subarray(0, cut), before.subarray(cut)]));
      expect(StateFile.open(file).state).toEqual(stateOf(1));
    }
    await writeFile(file, after);
    expect(StateFile.open(file).state).toEqual(stateOf(2));
  });

  it('needs no more room for an update, unless the state is long', async () => {
    const file = await statePath();
    const state = StateFile.create(file, INITIAL_STATE);
    const { length } = await readFile(file);
    state.write(stateOf(1, { intent: { first: 2, last: 3, value: 'x'.repeat(2_000) } }));
    await expect(readFile(file)).resolves.toHaveLength(length);
    const skipped = range(1, 3_000).map((number) => [3 * number, 3 * number] as const);
    state.write(stateOf(1, { skipped }));
    expect(state.byteLength).toBeGreaterThan(length);
    await expect(readFile(file)).resolves.toHaveLength(state.byteLength);
    state.write(stateOf(2, { skipped }));
    expect(StateFile.open(file).state).toEqual(stateOf(2, { skipped }));
  });

  it('cannot be changed any more by those who had it open before it was renewed', async () => {
    const file = await statePath();
    const state = StateFile.create(file, stateOf(1));
    const old = await open(file, 'r+');
    state.renew(stateOf(2));
    await old.write(Buffer.alloc(state.byteLength), 0);
    await old.close();
    expect(StateFile.open(file).state).toEqual(stateOf(2));
  });

  it('is not known when both slots are damaged, and the first of all when there is no file', async () => {
    const file = await statePath();
    StateFile.create(file, stateOf(1));
    await writeFile(file, Buffer.alloc(8_192, 7));
    expect(StateFile.open(file).state).toBeUndefined();
    expect(StateFile.open(`${file}.none`).state).toEqual(INITIAL_STATE);
  });
});
