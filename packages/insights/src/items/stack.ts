const MAX_FRAMES = 50;

/** One line of a stack. @internal */
export interface StackFrame {
  readonly level: number;
  readonly method: string;
  readonly fileName: string;
  readonly line?: number;
}

/** Takes a stack text of V8 apart; lines of another form are left out. @internal */
export function parseStack(stack: unknown): StackFrame[] {
  if (typeof stack !== 'string') {
    return [];
  }
  const frames: StackFrame[] = [];
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:(.+?) \()?(.*?)(?::(\d+))?(?::\d+)?\)?$/.exec(line);
    if (match !== null && frames.length < MAX_FRAMES) {
      const [, method = '<anonymous>', fileName = '', lineNumber] = match;
      frames.push({
        level: frames.length,
        method,
        fileName,
        ...(lineNumber === undefined ? {} : { line: Number(lineNumber) }),
      });
    }
  }
  return frames;
}
