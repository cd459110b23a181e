/**
 * A small process beside the supervisor, which ends the supervised commands when the supervisor itself was killed
 * with a signal that it cannot handle (SIGKILL to it, or to its whole process group). It stands in a session of its
 * own and learns of the supervisor's end from the closing of its standard input.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endMembers } from './end-members.mjs';

const FILE = fileURLToPath(import.meta.url);

/**
 * Starts the guard of this process.
 *
 * @param {number} graceMs How long the commands may take to end in good order.
 */
export function startGuard(graceMs) {
  const child = spawn(process.execPath, [FILE, String(graceMs)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard everything works but for the case it is there for.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  child.stdin.unref?.();
  return {
    add: (group, id) => child.stdin.write(`+ ${group} ${id}\n`),
    remove: (group) => child.stdin.write(`- ${group}\n`),
  };
}

async function main(graceMs) {
  const watched = new Map();
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const part of process.stdin) {
    text += part;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [sign, group, id] = line.split(' ');
      if (sign === '+') {
        watched.set(Number(group), id);
      } else {
        watched.delete(Number(group));
      }
    }
  }
  await Promise.all([...watched].map(([group, id]) => endMembers(group, id, { graceMs })));
}

if (process.argv[1] === FILE) {
  await main(Number(process.argv[2]));
}
