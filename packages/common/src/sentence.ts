/**
 * Ends a text with a full stop, unless it ends a sentence already: for messages that quote what others say.
 *
 * @param text Any text; space at its end is taken away.
 */
export function endSentence(text: string): string {
  return /[.!?]\s*$/.test(text) ? text.trimEnd() : `${text.trimEnd()}.`;
}
