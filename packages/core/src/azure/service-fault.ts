import { type JsonValue, REDACTED, redactSecrets } from '@azureml-ts/common';

/** What a service says of a failure, taken from its body. */
export interface ServiceFault {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly target?: string | undefined;
  /** Further faults, as plain JSON. */
  readonly details?: JsonValue | undefined;
}

/** Secrets are looked for in this much of an answer before it is cut to what is quoted. */
const MAX_SEARCHED = 50_000;
/** Levels of the details of a failure that are kept. */
const MAX_DEPTH = 32;
/** A shorter text is part of too many words to be masked. */
const MIN_MASKED = 4;

/**
 * Reads the error body of Azure Resource Manager or of the classic service.
 *
 * @param text The body.
 * @param secrets Texts to mask in it.
 */
export function readFault(text: string, secrets?: readonly string[]): ServiceFault {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { code: undefined, message: undefined };
  }
  const outer = (body ?? {}) as Record<string, unknown>;
  return faultOf(typeof outer['error'] === 'object' && outer['error'] !== null ? outer['error'] : outer, secrets);
}

/**
 * Reads `{code, message, target, details}` wherever it stands; other values give an empty fault.
 *
 * @param value The fault, or a text.
 * @param secrets Texts to mask in it.
 */
export function faultOf(value: unknown, secrets?: readonly string[]): ServiceFault {
  const shown = (text: unknown) => (typeof text === 'string' ? safeText(text, secrets) : undefined);
  if (typeof value === 'string') {
    return { code: undefined, message: shown(value) };
  }
  if (typeof value !== 'object' || value === null) {
    return { code: undefined, message: undefined };
  }
  const { code, message, target, details } = value as Record<string, unknown>;
  return {
    code: shown(code),
    message: shown(message),
    target: shown(target),
    details: details === undefined || details === null ? undefined : plainJson(details, secrets),
  };
}

/** A fault as details of an error. */
export function faultDetails(fault: ServiceFault): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries({
      code: fault.code,
      message: fault.message,
      target: fault.target,
      details: fault.details,
    }).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

/** A copy without secrets. Each text by itself: in the JSON text, what hides a secret could eat the quotes around it. */
function plainJson(value: unknown, secrets?: readonly string[], name = '', depth = 0): JsonValue {
  if (typeof value === 'string') {
    return isSecretName(name) ? REDACTED : safeText(value, secrets);
  }
  if (typeof value === 'object' && value !== null && depth >= MAX_DEPTH) {
    return '...';
  }
  if (Array.isArray(value)) {
    return value.map((item) => plainJson(item, secrets, name, depth + 1));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [safeText(key, secrets), plainJson(inner, secrets, key, depth + 1)]),
    );
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function isSecretName(name: string): boolean {
  return redactSecrets(`${name}=x`) !== `${name}=x`;
}

function safeText(text: string, secrets: readonly string[] | undefined): string {
  // Before it is cut: a part of a secret is not recognised any more.
  return redactSecrets(masked(text, secrets).slice(0, MAX_SEARCHED));
}

/** A text without some others, which are also looked for as JSON and addresses write them. */
export function masked(text: string, secrets: readonly string[] | undefined): string {
  const forms = (secrets ?? [])
    .filter((secret) => secret.length >= MIN_MASKED)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(Buffer.from(secret).toString()),
    ]);
  // The longest first: one may be part of another.
  return [...new Set(forms)]
    .sort((one, other) => other.length - one.length)
    .reduce((left, form) => left.replaceAll(form, () => REDACTED), text);
}

/** A text body; none of a page, and none of JSON that is cut off, in which no name tells what is a secret. */
export function quotable(text: string, secrets: readonly string[] | undefined): string {
  const trimmed = text.trim();
  return /^[<{[]/.test(trimmed) && !isJson(trimmed) ? '' : safeText(trimmed, secrets);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
