type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;

/**
 * Has last words said when a handler of `uncaughtException` throws. Node then ends the process with code 7, without
 * `exit`. To be called in `uncaughtExceptionMonitor`, right before the handlers.
 *
 * Nothing less than a look at that one `emit` tells that a handler threw: a listener of ours would change what Node does
 * with errors, and the process may well survive this one.
 */
export function sayLastWordsIfHandlerThrows(sayLastWords: () => void): void {
  // Without a handler `exit` follows. A capture callback, as of node:domain, is called in place of the handlers.
  if (process.listenerCount('uncaughtException') === 0 || process.hasUncaughtExceptionCaptureCallback()) {
    return;
  }
  const holder = process as { emit: Emit };
  const own = Object.getOwnPropertyDescriptor(holder, 'emit');
  const before = holder.emit;
  let isDone = false;
  const emit: Emit = function (event, ...args) {
    if (isDone || event !== 'uncaughtException') {
      return before.call(this, event, ...args);
    }
    isDone = true;
    restore();
    let hasReturned = false;
    // Not `catch`: Node's report shows the line that threw, and not the one that throws again.
    try {
      const result = before.call(this, event, ...args);
      hasReturned = true;
      return result;
    } finally {
      if (!hasReturned) {
        sayLastWords();
      }
    }
  };
  function restore(): void {
    if (holder.emit !== emit) {
      return;
    }
    if (own === undefined) {
      Reflect.deleteProperty(holder, 'emit');
    } else {
      Object.defineProperty(holder, 'emit', own);
    }
  }
  holder.emit = emit;
}
