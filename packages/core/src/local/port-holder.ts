import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalWebservice } from './local-webservice.ts';

const LISTENING = '0A';

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  /** Name of its program. */
  readonly program: string;
}

/**
 * Says who listens on a port, for a message: a local service of this process by its name, any other by its process.
 *
 * @param port The port.
 * @param own Local services of this process.
 * @returns A sentence; empty when it is not known.
 */
export async function describePortHolder(
  port: number,
  own: readonly Pick<LocalWebservice, 'name' | 'pid' | 'port' | 'state'>[],
): Promise<string> {
  const holder = await findPortHolder(port).catch(() => undefined);
  const service = own.find((candidate) =>
    holder === undefined ? candidate.port === port && candidate.state === 'Healthy' : candidate.pid === holder.pid,
  );
  if (service !== undefined) {
    return `The local service "${service.name}" of this process has it (process ${service.pid}).`;
  }
  return holder === undefined ? '' : `Process ${holder.pid} (${holder.program}) has it.`;
}

/**
 * Finds the process that listens on a port of this machine.
 *
 * @param port The port.
 * @param proc Where the system tells of processes.
 * @returns `undefined` where the system does not tell (no /proc), or not of other users' processes.
 */
export async function findPortHolder(port: number, proc = '/proc'): Promise<PortHolder | undefined> {
  const sockets = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    const text = await readFile(join(proc, 'net', table), 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && Number.parseInt(local?.split(':').at(-1) ?? '', 16) === port) {
        sockets.add(`socket:[${inode}]`);
      }
    }
  }
  if (sockets.size === 0) {
    return undefined;
  }
  for (const entry of await readdir(proc)) {
    const holds = /^\d+$/.test(entry) && (await hasOpen(join(proc, entry, 'fd'), sockets));
    if (holds) {
      const program = await readFile(join(proc, entry, 'comm'), 'utf8').catch(() => 'unknown');
      return { pid: Number(entry), program: program.trim() };
    }
  }
  return undefined;
}

async function hasOpen(folder: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(folder).catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(join(folder, name)).catch(() => '')));
  return targets.some((target) => sockets.has(target));
}
