/**
 * Tells whether a process of this machine, or container, still lives; also one of another user.
 *
 * A number is used again in time: who needs to be sure compares the start of the process too.
 *
 * @param pid Its number, above 0.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
