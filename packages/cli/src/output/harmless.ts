/**
 * Makes one line of a text that quotes what came from outside: without control characters, and without the commands that
 * Azure Pipelines (`##vso[`) and older GitHub runners (`##[`) find anywhere in a line.
 */
export function harmlessLine(text: string): string {
  return withoutCommands(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '));
}

/** Takes out only the commands, for a text whose line ends are escaped otherwise. */
export function withoutCommands(text: string): string {
  return text.replace(/##(?=vso\[|\[)/gi, '# #');
}
