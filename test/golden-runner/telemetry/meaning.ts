/** A value of JSON, a plain text, or one of the marked texts below. */
export type Value = unknown;

/** Who sends. */
export interface SenderMeaning {
  readonly service: string | undefined;
  readonly workspace: string | undefined;
  readonly container: string | undefined;
}

/** What is told of one request. */
export interface RequestMeaning extends SenderMeaning {
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly success: boolean;
  /** Body of the answer, where the request item has it. */
  readonly answer: Value;
  /** What the columns of the table of requests show, which charts are made of. */
  readonly columns: {
    readonly name: string;
    readonly operationName: string | undefined;
    readonly success: boolean;
    readonly responseCode: string;
    readonly path: string | undefined;
    readonly isTimed: boolean;
    readonly role: string | undefined;
    readonly instance: string | undefined;
  };
}

/** One printed text. */
export interface PrintMeaning {
  readonly value: Value;
  readonly stream: 'STDOUT' | 'STDERR';
  /** Where a query finds it. */
  readonly place: 'message' | 'Contents';
  /** Whether it has the operation of its request. */
  readonly isJoined: boolean;
  readonly requestId: string | undefined;
}

/** One failure. */
export interface FailureMeaning {
  readonly type: string;
  readonly message: string;
  /** Class around the error of the script. */
  readonly wrapper: string | undefined;
  readonly isJoined: boolean;
  readonly requestId: string | undefined;
}

/** The trace of what came in and went out. */
export interface BodiesMeaning extends SenderMeaning {
  readonly requestId: string | undefined;
  readonly clientRequestId: string | undefined;
  readonly models: readonly string[] | undefined;
  readonly input: Value;
  readonly output: Value;
  readonly isJoined: boolean;
}

/** What the telemetry of one case says: of a request, or of a start. */
export interface CaseMeaning {
  readonly request?: RequestMeaning | undefined;
  readonly prints: readonly PrintMeaning[];
  readonly failures: readonly FailureMeaning[];
  readonly bodies?: BodiesMeaning | undefined;
  /** Messages of the server itself. */
  readonly notices: readonly string[];
  /** Of a process that ended by itself. */
  readonly exitCode?: number | undefined;
  /** Items and properties that nobody asked for. */
  readonly others: readonly string[];
}

/** What is told of the sending itself. */
export interface TransportMeaning {
  readonly path: string;
  readonly isPacked: boolean;
  /** Metrics that say nothing but who sends. */
  readonly resourceMetrics: boolean;
}

const CUT = 'cut: ';
const MARKED = 'marked: ';

/** A text as the value of its JSON, else as it is. */
export function parsedText(text: string): Value {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Stands for a text that breaks off without a mark. */
export function cutText(text: string): string {
  return CUT + text;
}

/** Stands for a text that was shortened, says so, and is still JSON. */
export function markedText(preview: unknown): string {
  return MARKED + JSON.stringify(preview);
}

/** Whether a marked text is the same one as a cut text, as far as both go. */
export function isMarkedForCut(recorded: unknown, ours: unknown): boolean {
  if (typeof recorded !== 'string' || typeof ours !== 'string') {
    return false;
  }
  if (!recorded.startsWith(CUT) || !ours.startsWith(MARKED)) {
    return false;
  }
  // Python has a space after commas and colons.
  const plain = recorded.slice(CUT.length).replace(/([:,]) /g, '$1');
  return ours.slice(MARKED.length).startsWith(plain.slice(0, 4000));
}
