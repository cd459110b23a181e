const ignore = (): void => undefined;

/**
 * Lets the process outlive the readers of its output. A closed pipe fails each write; without a listener every failure
 * would end the process as an uncaught exception, whose log line fails in turn.
 *
 * @returns Whether a stream lacked its listener until now.
 */
export function outliveReaders(): boolean {
  let wasMissing = false;
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignore)) {
      stream.on('error', ignore);
      wasMissing = true;
    }
  }
  return wasMissing;
}

/**
 * Whether an uncaught error says only that standard output or standard error has no reader any more. That is so when a
 * script took the listeners away, which are put back here; any other broken pipe is one of the script's own.
 */
export function isLostReader(error: unknown): boolean {
  try {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return code === 'EPIPE' && syscall === 'write' && outliveReaders();
  } catch {
    return false;
  }
}
