/**
 * Commands by which a line of output steers the build system around it: Azure Pipelines and older GitHub runners find
 * `##vso[` and `##[` anywhere in a line, GitHub Actions `::` at its start.
 */
const BUILD_COMMANDS: readonly [pattern: RegExp, replacement: string][] = [
  [/##(?=vso\[|\[)/gi, '# #'],
  [/^(\s*):(?=:)/gm, '$1: '],
];

/**
 * Takes out of a text whatever steers a terminal or a build system; line ends and tabs stay, for stacks.
 *
 * @param text A text that may quote what came from outside.
 */
export function harmless(text: string): string {
  let result = text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, ' ');
  for (const [pattern, replacement] of BUILD_COMMANDS) {
    result = result.replace(pattern, replacement);
  }
  return result;
}

/**
 * As {@link harmless}, on one line: what came from outside cannot look like a line of its own.
 *
 * @param text A text that may quote what came from outside.
 */
export function harmlessLine(text: string): string {
  return harmless(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '));
}
