import type { SpilledKind } from '../spill/trace-spill.ts';
import { toPlain } from './plain-value.ts';
import { PropertyText } from './property-text.ts';
import type { Redaction } from './redaction.ts';

/** Longer bodies are not looked at: that would hold up the program. In characters. */
const MAX_CHECKED_CHARACTERS = 4 * 1024 * 1024;

/**
 * The body of a request or of its answer as a property: JSON stays as it is, another text becomes a JSON text, so that
 * queries can always take it apart.
 *
 * @returns `undefined` when `redact` returned that.
 * @internal
 */
export function bodyText(
  key: string,
  body: string,
  kind: Extract<SpilledKind, 'input' | 'output'>,
  redaction: Redaction,
): PropertyText | undefined {
  if (!redaction.isOn && body.length > MAX_CHECKED_CHARACTERS) {
    return new PropertyText(key, body, { kind });
  }
  const parsed = parsedBody(body);
  if (!redaction.isOn) {
    return parsed === undefined
      ? new PropertyText(key, JSON.stringify(body), { kind, plain: { value: body } })
      : new PropertyText(key, body, { kind, plain: parsed });
  }
  const redacted = redaction.apply(parsed === undefined ? body : parsed.value, kind);
  if (redacted === undefined) {
    return undefined;
  }
  const plain = toPlain(redacted);
  return new PropertyText(key, plain.text, { kind, plain });
}

/** What a body is the JSON of; `undefined` when it is none. @internal */
export function parsedBody(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}
