/**
 * Runs commands so that nothing they started outlives them: each in its own process group, with signals passed on,
 * and with an end to all of it when the one who asked for it is gone.
 *
 * Also a command: `node scripts/supervise.mjs [--grace-ms N] -- command arguments...`.
 */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { endMembers } from './end-members.mjs';
import { startGuard } from './guard.mjs';
import { MARKER, membersOf, signalTo } from './process-table.mjs';
import { PlainError } from './say.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm and the terminal may both pass on the same key press: only a later signal means impatience. */
const SAME_KEY_PRESS_MS = 1000;

const running = new Map();
let graceMs = 10_000;
let ending;
let guard;
let commands = 0;

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, stdio?: any, onSpawn?: (child: import('node:child_process').ChildProcess) => void }} [options]
 * @returns {Promise<number>} The exit code; 128 + n when signal n ended the command.
 */
export async function supervise(command, args, { cwd, env = process.env, stdio = 'inherit', onSpawn } = {}) {
  throwIfEnding();
  watch();
  commands += 1;
  const id = `${process.pid}-${commands}-${Date.now().toString(36)}`;
  const markers = process.env[MARKER] ? `${process.env[MARKER]},${id}` : id;
  const child = spawn(command, args, { cwd, stdio, detached: true, env: { ...env, [MARKER]: markers } });
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new PlainError(`${command} could not be started: ${error.message}.`)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (child.pid === undefined) {
    return ended;
  }
  running.set(child.pid, id);
  guard.add(child.pid, id);
  onSpawn?.(child);
  try {
    const code = await ended;
    await endMembers(child.pid, id, { graceMs: Math.min(graceMs, 2000) });
    await Promise.race([closed, sleep(2000)]);
    return code;
  } finally {
    running.delete(child.pid);
    guard.remove(child.pid);
  }
}

/**
 * Runs a command and keeps what it prints.
 *
 * @returns {Promise<{ code: number, output: string }>} stdout and stderr together, in their order.
 */
export async function superviseQuietly(command, args, options = {}) {
  let output = '';
  const code = await supervise(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    onSpawn: (child) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output += text;
        });
      }
    },
  });
  throwIfEnding();
  return { code, output };
}

/** Stops a set-up between two steps when a signal came in. */
export function throwIfEnding() {
  if (ending !== undefined) {
    throw new PlainError(`stopped by ${ending.signal}.`, 128 + constants.signals[ending.signal]);
  }
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts listening for the end: at the first command, so that importing this file changes nothing. */
function watch() {
  if (guard !== undefined) {
    return;
  }
  guard = startGuard(graceMs);
  for (const signal of SIGNALS) {
    process.on(signal, () => end(signal));
  }
  // A reader that went away must not end this process before its children.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && ending === undefined) {
      end('SIGTERM');
    }
  }, 500).unref();
}

function end(signal) {
  const impatient = ending !== undefined && Date.now() - ending.since > SAME_KEY_PRESS_MS;
  if (ending === undefined) {
    ending = { signal, since: Date.now() };
    // Only the one in charge is asked: it ends what it started in the right order, a store last for example. What it
    // leaves behind is ended when it is gone.
    for (const leader of running.keys()) {
      signalTo(leader, signal);
    }
    setTimeout(killAll, graceMs).unref();
  } else if (impatient) {
    killAll();
  }
}

function killAll() {
  for (const [group, id] of running) {
    for (const pid of membersOf(group, id)) {
      signalTo(pid, 'SIGKILL');
    }
  }
}

async function main(args) {
  if (args[0] === '--grace-ms') {
    graceMs = Number(args[1]);
    args = args.slice(2);
  }
  const [command, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (command === undefined) {
    console.error('Usage: node scripts/supervise.mjs [--grace-ms N] -- command [arguments]');
    return 2;
  }
  return supervise(command, rest);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error) => {
      console.error(error.message);
      process.exit(error.exitCode ?? 1);
    },
  );
}
