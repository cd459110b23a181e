/** The items of a body, each parsed or faulty on its own. @internal */
export type ParsedItems =
  | { readonly items: readonly { readonly value: unknown; readonly fault?: string }[] }
  | { readonly fault: string };

/**
 * Reads the items of a request body: a JSON list, one JSON object, or one JSON object a line.
 *
 * @internal
 */
export function parseItems(text: string): ParsedItems {
  const body = text.trim();
  if (body === '') {
    return { fault: 'the body is empty' };
  }
  try {
    const value: unknown = JSON.parse(body);
    return { items: (Array.isArray(value) ? value : [value]).map((item) => ({ value: item })) };
  } catch (error) {
    const lines = body.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (lines.length < 2 || body.startsWith('[')) {
      return { fault: `the body is not JSON: ${(error as Error).message}` };
    }
    return { items: lines.map(parseLine) };
  }
}

function parseLine(line: string): { value: unknown; fault?: string } {
  try {
    return { value: JSON.parse(line) };
  } catch (error) {
    return { value: undefined, fault: `the line is not JSON: ${(error as Error).message}` };
  }
}
