/** What stands before the body of an answer. @internal */
export interface AnswerHead {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly framing: Framing;
  /** Whether the connection may be used again afterwards. */
  readonly isKept: boolean;
  /** How long the other side keeps it, when it says so. */
  readonly keptMs: number | undefined;
}

/** How the end of a body is known: by its length, by its last part, or by the end of the connection. @internal */
export type Framing = { readonly bytes: number } | 'chunked' | 'until close';

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
const KEPT_SECONDS = /(?:^|[,\s])timeout=(\d{1,9})(?:[,\s]|$)/i;
/** Both forms of an answer that has no body, whatever else it says. Source: RFC 9112, 6.3. */
const WITHOUT_BODY = new Set([204, 304]);

/**
 * Reads the head of an answer.
 *
 * @param text Its lines, without the empty one at the end.
 * @throws When it is none.
 * @internal
 */
export function readAnswerHead(text: string): AnswerHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, digits] = STATUS_LINE.exec(first) ?? [];
  if (digits === undefined) {
    throw new Error('the answer is not HTTP/1.1');
  }
  const status = Number(digits);
  const headers = headersOf(lines);
  const framing = WITHOUT_BODY.has(status) ? { bytes: 0 } : framingOf(headers);
  const tokens = listOf(headers.get('connection'));
  const wantsKept = minor === '1' ? !tokens.includes('close') : tokens.includes('keep-alive');
  const [, seconds] = KEPT_SECONDS.exec(headers.get('keep-alive') ?? '') ?? [];
  return {
    status,
    retryAfter: headers.get('retry-after'),
    location: headers.get('location'),
    framing,
    isKept: wantsKept && framing !== 'until close',
    keptMs: seconds === undefined ? undefined : Number(seconds) * 1000,
  };
}

/** By names in lower case; what comes more than once is joined as a list. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0 || /\s/.test(line.slice(0, colon))) {
      throw new Error('the answer has a header that is none');
    }
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function framingOf(headers: ReadonlyMap<string, string>): Framing {
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) {
    return listOf(coding).at(-1) === 'chunked' ? 'chunked' : 'until close';
  }
  const length = headers.get('content-length');
  if (length === undefined) {
    return 'until close';
  }
  // The same length may be said twice.
  const [bytes = '', ...others] = new Set(listOf(length));
  if (!/^\d{1,15}$/.test(bytes) || others.length > 0) {
    throw new Error('the answer says no length that can be read');
  }
  return { bytes: Number(bytes) };
}

function listOf(value = ''): string[] {
  return value.split(',').map((part) => part.trim().toLowerCase());
}
