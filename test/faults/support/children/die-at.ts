// Loaded before a program: ends the process with SIGKILL at a counted step. Steps are what others can see of the
// process: each call of the file system, each request to the store and each answer of it.
//
// DIE_AT: at which step; 0: never, but the steps are counted. A write that the process dies in is done by half. Paths
// outside of the temporary folder, where programs are loaded from, are no steps.
//
// PAUSE_UNTIL: a file. The process does not die then, but stands still as a whole, before the step, until it is there.
// The write of rows to a file is no step then: whoever stands still between the last look at a lock and the write that it
// is for cannot be helped by any lock.
import fs from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const folder = os.tmpdir();
const dieAt = Number(process.env['DIE_AT'] ?? 0);
const pauseUntil = process.env['PAUSE_UNTIL'];
let steps = 0;
let isCounting = false;

type Work = (this: unknown, ...args: unknown[]) => unknown;

/** From here on steps count: what the program needs for its own start does not. */
(globalThis as { countSteps?: () => void }).countSteps = () => {
  isCounting = true;
};
(globalThis as { stepsSoFar?: () => number }).stepsSoFar = () => steps;

function step(halfWay?: () => void): void {
  if (!isCounting) {
    return;
  }
  steps += 1;
  if (steps === dieAt) {
    isCounting = false;
    if (pauseUntil !== undefined) {
      pause(pauseUntil);
      return;
    }
    halfWay?.();
    process.kill(process.pid, 'SIGKILL');
  }
}

/** As a container that is paused: nothing of the process goes on. */
function pause(file: string): void {
  process.send?.({ isPaused: true });
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(file)) {
    Atomics.wait(nobody, 0, 0, 10);
  }
}

function patch(
  holder: object,
  name: string,
  halfWay: (self: unknown, args: unknown[]) => void = () => undefined,
  isStep: (args: unknown[]) => boolean = () => true,
): void {
  const work = Reflect.get(holder, name) as Work | undefined;
  if (typeof work !== 'function') {
    return;
  }
  Reflect.set(holder, name, function (this: unknown, ...args: unknown[]) {
    const isOurs = !(args[0] instanceof URL) && (typeof args[0] !== 'string' || args[0].startsWith(folder));
    if (isOurs && isStep(args)) {
      step(() => halfWay(this, args));
    }
    return work.apply(this, args);
  });
}

const { existsSync, writeSync } = fs;
const half = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2));

/** Does by half what `write` of a descriptor or a file handle is asked to do. */
function writeHalf(descriptor: number, [bytes, offset = 0, length, position]: unknown[]): void {
  if (bytes instanceof Uint8Array) {
    const end = length === undefined ? undefined : Number(offset) + Number(length);
    const part = half(bytes.subarray(Number(offset), end));
    writeSync(descriptor, part, 0, part.length, (position as number | undefined) ?? null);
  }
}

// Not `close`: loading modules closes many files, and nobody sees a file closed.
const everywhere = [
  'mkdir',
  'readdir',
  'stat',
  'lstat',
  'rm',
  'rmdir',
  'unlink',
  'rename',
  'link',
  'truncate',
  'utimes',
];
for (const name of [...everywhere, 'open', 'readFile', 'writeFile', 'appendFile', 'copyFile', 'symlink']) {
  patch(fs.promises, name);
}
for (const name of [...everywhere, 'open', 'readFile', 'writeFile', 'appendFile', 'exists', 'fstat', 'ftruncate']) {
  patch(fs, `${name}Sync`);
}
patch(fs, 'writeSync', (_, [descriptor, ...args]) => writeHalf(Number(descriptor), args));
patch(fs, 'writevSync', (_, [descriptor, buffers, position]) =>
  writeHalf(Number(descriptor), [Buffer.concat(buffers as Uint8Array[]), 0, undefined, position]),
);

const probe = await fs.promises.open(process.execPath, 'r');
const handle = Object.getPrototypeOf(probe) as object;
await probe.close();
for (const name of ['read', 'readFile', 'writeFile', 'appendFile', 'stat', 'truncate', 'utimes', 'close']) {
  patch(handle, name);
}
/** What a lock holds is JSON, as records are, but no record. */
function isNoRow([bytes]: unknown[]): boolean {
  const start = Buffer.from((bytes as Uint8Array).subarray(0, 14)).toString('latin1');
  return pauseUntil === undefined || (start.startsWith('{') && start !== '{"specversion"');
}
patch(handle, 'write', (self, args) => writeHalf((self as { fd: number }).fd, args), isNoRow);

const request = http.request as unknown as Work;
Reflect.set(http, 'request', function (this: unknown, ...args: unknown[]) {
  step();
  const asked = request.apply(this, args) as http.ClientRequest;
  asked.prependOnceListener('response', () => step());
  return asked;
});

syncBuiltinESMExports();
