import fs from 'node:fs';
import fsPromises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Where a process kills itself: before its n-th change to the file system, or in the middle of its n-th write. */
export interface KillPoint {
  readonly at: number;
  readonly how: 'before' | 'half';
}

/**
 * Has this process end with SIGKILL at a counted step, so that a failure repeats. Must run before anything else imports
 * `node:fs/promises`.
 */
export async function killAt(point: KillPoint): Promise<void> {
  let steps = 0;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const isDue = (isWrite: boolean) => {
    steps += point.how === 'before' || isWrite ? 1 : 0;
    return steps === point.at && (point.how === 'before' || isWrite);
  };
  for (const name of ['link', 'rm', 'mkdir', 'open'] as const) {
    const original = fsPromises[name] as (...given: unknown[]) => unknown;
    Object.assign(fsPromises, {
      [name]: (...given: unknown[]) => {
        // Opening changes nothing but where it makes a file.
        if ((name !== 'open' || given[1] !== 'r') && isDue(false)) {
          die();
        }
        return original(...given);
      },
    });
  }
  syncBuiltinESMExports();
  const probe = await fsPromises.open(process.execPath, 'r');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { write, truncate } = handles;
  Object.assign(handles, {
    write(this: FileHandle, bytes: Buffer, offset: number, length: number, position?: number) {
      if (isDue(true)) {
        if (point.how === 'half') {
          fs.writeSync(this.fd, bytes, offset, Math.floor(length / 2), position);
        }
        die();
      }
      return Reflect.apply(write, this, [bytes, offset, length, position]);
    },
    truncate(this: FileHandle, length: number) {
      if (isDue(false)) {
        die();
      }
      return Reflect.apply(truncate, this, [length]);
    },
  });
}
