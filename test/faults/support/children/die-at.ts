// Loaded before a program: ends the process with SIGKILL at a counted step. Steps are what others can see of the
// process: each call of the file system, each request to the store and each answer of it.
//
// DIE_AT: at which step; 0: never, but the steps are counted. A write that the process dies in is done by half. Paths
// outside of the temporary folder, where programs are loaded from, are no steps.
//
// PAUSE_UNTIL: a file. The process does not die then, but stands still as a whole, before the step, until it is there.
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
): void {
  const work = Reflect.get(holder, name) as Work | undefined;
  if (typeof work !== 'function') {
    return;
  }
  Reflect.set(holder, name, function (this: unknown, ...args: unknown[]) {
    if (!(args[0] instanceof URL) && (typeof args[0] !== 'string' || args[0].startsWith(folder))) {
      step(() => halfWay(this, args));
    }
    return work.apply(this, args);
  });
}

const { existsSync, writeSync } = fs;
const half = (bytes: Uint8Array) => bytes.subarray(0, Math.ceil(bytes.length / 2));

const asynchronous = [
  'open',
  'link',
  'rm',
  'rename',
  'mkdir',
  'readdir',
  'stat',
  'unlink',
  'rmdir',
  'writeFile',
  'utimes',
];
for (const name of [...asynchronous, 'readFile', 'appendFile', 'truncate', 'lstat', 'symlink', 'copyFile']) {
  patch(fs.promises, name);
}
// Not `close`: loading modules closes many files, and nobody sees a file closed.
for (const name of ['open', 'rename', 'rm', 'mkdir', 'unlink', 'rmdir', 'link', 'ftruncate', 'writeFile', 'stat']) {
  patch(fs, `${name}Sync`);
}
for (const name of [
  'readdir',
  'utimes',
  'futimes',
  'readFile',
  'fsync',
  'exists',
  'lstat',
  'fstat',
  'truncate',
  'appendFile',
]) {
  patch(fs, `${name}Sync`);
}
patch(fs, 'writeSync', (_, [descriptor, bytes, offset = 0, length, position]) => {
  if (bytes instanceof Uint8Array) {
    const part = half(
      bytes.subarray(Number(offset), length === undefined ? undefined : Number(offset) + Number(length)),
    );
    writeSync(Number(descriptor), part, 0, part.length, (position as number | undefined) ?? null);
  }
});
patch(fs, 'writevSync', (_, [descriptor, buffers, position]) => {
  const part = half(Buffer.concat(buffers as Uint8Array[]));
  writeSync(Number(descriptor), part, 0, part.length, (position as number | undefined) ?? null);
});

const probe = await fs.promises.open(process.execPath, 'r');
const handle = Object.getPrototypeOf(probe) as object;
await probe.close();
for (const name of [
  'read',
  'readFile',
  'stat',
  'truncate',
  'close',
  'appendFile',
  'writeFile',
  'utimes',
  'sync',
  'datasync',
]) {
  patch(handle, name);
}
patch(handle, 'write', (self, [bytes, offset = 0, length, position]) => {
  if (bytes instanceof Uint8Array) {
    const part = half(
      bytes.subarray(Number(offset), length === undefined ? undefined : Number(offset) + Number(length)),
    );
    writeSync((self as { fd: number }).fd, part, 0, part.length, (position as number | undefined) ?? null);
  }
});

const request = http.request as unknown as Work;
Reflect.set(http, 'request', function (this: unknown, ...args: unknown[]) {
  step();
  const asked = request.apply(this, args) as http.ClientRequest;
  asked.prependOnceListener('response', () => step());
  return asked;
});

syncBuiltinESMExports();
