import { readdirSync, readFileSync } from 'node:fs';

/**
 * Environment variable that names the supervised commands a process belongs to, outermost first. It reaches also
 * those processes that left their parent's process group, which a signal to the group would miss.
 */
export const MARKER = 'AZUREML_TS_SUPERVISED_BY';

/** When a process started, in a unit of the system's own; `undefined` where that is not known. */
export function processStart(pid) {
  return readStat(pid)?.start;
}

/**
 * The processes that still run in a group or carry an id in their environment.
 *
 * Where there is no process table to read, the group stands for itself as one negative number.
 *
 * @param {number} group
 * @param {string} id
 * @returns {number[]} Numbers for `process.kill`.
 */
export function membersOf(group, id) {
  let names;
  try {
    names = readdirSync('/proc');
  } catch {
    return signalTo(-group, 0) ? [-group] : [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && pid !== 1)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat !== undefined && stat.state !== 'Z' && (stat.group === group || markersOf(pid).includes(id));
    });
}

/** Sends a signal; `false` when there is no such process any more. */
export function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], group: Number(fields[2]), start: fields[19] };
  } catch {
    return undefined;
  }
}

function markersOf(pid) {
  try {
    const prefix = `${MARKER}=`;
    const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((item) => item.startsWith(prefix));
    return entry === undefined ? [] : entry.slice(prefix.length).split(',');
  } catch {
    return [];
  }
}
