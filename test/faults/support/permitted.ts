import { spawnSync } from 'node:child_process';

/** Runs a command and tells whether it succeeded. */
function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** What a process is started through, to have mounts of its own: they end with it. */
export const OWN_MOUNTS = ['unshare', '--mount', '--propagation', 'private'];

/** What a process is started through, to be process 1 of a container of its own; it ends with whoever started it. */
export const OWN_CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];

/** Why a process cannot have mounts of its own here; `undefined` when it can. */
export const NO_MOUNTS = succeeds(...(OWN_MOUNTS as [string]), 'sh', '-c', 'mount -t tmpfs tmpfs /mnt')
  ? undefined
  : 'a file system of its own needs the rights of the superuser, and unshare and mount of Linux';

/** Why a process cannot have a container of its own here; `undefined` when it can. */
export const NO_CONTAINERS = succeeds(...(OWN_CONTAINER as [string]), 'true')
  ? undefined
  : 'a container of its own needs the rights of the superuser, and unshare of Linux';

/** Why the rights of folders do not bind this process; `undefined` when they do. */
export const NO_RIGHTS = process.getuid?.() === 0 ? 'the superuser may write everywhere' : undefined;

/** `describe`, or `describe.skip` with the reason in the name. */
export function describeUnless(reason: string | undefined, name: string, tests: () => void): void {
  if (reason === undefined) {
    describe(name, tests);
  } else {
    describe.skip(`${name} (left out: ${reason})`, tests);
  }
}

/**
 * A command that mounts a small file system at a folder and starts the rest of its arguments.
 *
 * @param folder An empty folder.
 * @param bytes Size of the file system.
 */
export function withSmallDisk(folder: string, bytes: number): string[] {
  const mount = 'mount -t tmpfs -o "size=$1,mode=0700" tmpfs "$2" && shift 2 && exec "$@"';
  return [...OWN_MOUNTS, 'sh', '-c', mount, 'sh', String(bytes), folder];
}

/** A command that mounts a folder again as read-only and starts the rest of its arguments. */
export function withReadOnly(folder: string): string[] {
  const mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';
  return [...OWN_MOUNTS, 'sh', '-c', mount, 'sh', folder];
}
