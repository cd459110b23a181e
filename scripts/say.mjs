/** A failure that is told to the user in plain sentences, without a stack. */
export class PlainError extends Error {
  /**
   * @param {string} message What failed and what to do next.
   * @param {number} [exitCode] Exit code of the command.
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Prints a line of progress; on stderr, so that stdout holds only what the command itself prints. */
export function say(line) {
  process.stderr.write(`azureml-ts: ${line}\n`);
}

/** The last lines of a text: what is worth showing of a failed step. */
export function tail(text, lines = 40) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
