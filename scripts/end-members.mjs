import { membersOf, signalTo } from './process-table.mjs';

/**
 * Ends what is left of a supervised command: asks first, and insists after a while. As long as the command itself runs,
 * only it is asked, because it knows the order in which its own processes have to end.
 *
 * @param {number} group
 * @param {string} id
 * @param {{ graceMs: number }} options How long the processes may take to end in good order.
 */
export async function endMembers(group, id, { graceMs }) {
  const deadline = Date.now() + graceMs;
  const asked = new Set();
  for (;;) {
    const left = membersOf(group, id);
    if (left.length === 0) {
      return;
    }
    const late = Date.now() >= deadline;
    const leads = left.includes(group) && Date.now() < deadline - graceMs / 4;
    for (const pid of left) {
      if (late || (!asked.has(pid) && (!leads || pid === group))) {
        asked.add(pid);
        signalTo(pid, late ? 'SIGKILL' : 'SIGTERM');
      }
    }
    if (Date.now() >= deadline + 2000) {
      return; // Not even SIGKILL ends a process that hangs in the kernel.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
