import type { PeerError } from './scenario-file.ts';

/** What an error of the peer means, and by which codes ours says the same. */
interface Meaning {
  readonly meaning: string;
  /** Python's type. Default: any. */
  readonly type?: RegExp;
  readonly message: RegExp;
  readonly codes: readonly string[];
}

/** What errors mean, most special first. Every entry is about a text of the peer, none about a case. */
const MEANINGS: readonly Meaning[] = [
  { meaning: 'no service of that name', message: /WebserviceNotFound/, codes: ['WEBSERVICE_NOT_FOUND'] },
  {
    meaning: 'the answer names no operation',
    message: /Missing response header key: Operation-Location|Missing operation location/,
    codes: ['INVALID_ANSWER'],
  },
  {
    meaning: 'the answer lacks a field or is not JSON',
    message: /Invalid response|payload, missing|missing (access)?token|Expecting value/i,
    codes: ['INVALID_ANSWER'],
  },
  { meaning: 'nothing to change', message: /No parameters provided to update/, codes: ['NOTHING_TO_UPDATE'] },
  { meaning: 'a key that is not there', message: /provided for key|which key/, codes: ['VALIDATION'] },
  { meaning: 'a compute type that is not there', message: /Invalid compute type/, codes: ['VALIDATION'] },
  { meaning: 'the wait took too long', message: /exceeded timeout/, codes: ['TIMEOUT'] },
  {
    meaning: 'the operation failed',
    message: /non-successful terminal state|Failed to regenerate|regeneration.*failed/i,
    codes: ['DEPLOYMENT_FAILED'],
  },
  {
    meaning: 'a setting that the kind lacks',
    type: /^TypeError$/,
    message: /unexpected keyword argument/,
    codes: ['UNSUPPORTED_SETTING', 'UNSUPPORTED_OPERATION'],
  },
  {
    meaning: 'a method that the kind lacks',
    type: /^NotImplementedError$/,
    message: /^/,
    codes: ['UNSUPPORTED_OPERATION', 'UNSUPPORTED_SETTING'],
  },
  {
    meaning: 'a method that the kind lacks',
    message: /is not supported|not implemented/i,
    codes: ['UNSUPPORTED_OPERATION'],
  },
  {
    meaning: 'no scoring address',
    message: /scoring_uri|scoring uri/i,
    codes: ['SCORING_URI_MISSING', 'WEBSERVICE_UNREACHABLE'],
  },
  {
    meaning: 'wrong settings',
    message: /^(Error|Invalid configuration), |SSL|must all have values|must be provided/,
    codes: ['DEPLOYMENT_CONFIGURATION_INVALID', 'VALIDATION'],
  },
];

/** Crashes of Python code, which say nothing that another client would say. */
export const CRASHES = /^(AttributeError|KeyError|IndexError|UnboundLocalError|TypeError|NameError)$/;

/** What an error of the peer means; its own text when no entry knows it. */
export function meaningOf(error: PeerError): string {
  const status = statusOf(error);
  return status === undefined ? (entryFor(error)?.meaning ?? error.message) : `status ${status}`;
}

/** Whether an error of ours says what the peer's says. */
export function sameMeaning(recorded: PeerError, thrown: unknown): boolean {
  const { code, statusCode, message } = ourError(thrown);
  const status = statusOf(recorded);
  if (status !== undefined) {
    return statusCode === status;
  }
  const entry = entryFor(recorded);
  if (entry !== undefined) {
    return code !== undefined && entry.codes.includes(code);
  }
  // The peer passes on what the service said; ours must say it as well.
  return code !== undefined && recorded.message.trim() !== '' && message.includes(recorded.message.trim());
}

/** An error of ours as plain facts; without a code when it is none of the library's own. */
export function ourError(thrown: unknown): {
  readonly code: string | undefined;
  readonly statusCode: number | undefined;
  readonly message: string;
} {
  const { name, code, statusCode, message } = (thrown ?? {}) as Record<string, unknown>;
  const isOwn = typeof code === 'string' && typeof (thrown as { toJSON?: unknown }).toJSON === 'function';
  return {
    code: isOwn ? code : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    message: isOwn ? String(message) : `${String(name)}: ${String(message ?? thrown)}`,
  };
}

function entryFor({ type, message }: PeerError): Meaning | undefined {
  return MEANINGS.find((entry) => (entry.type?.test(type) ?? true) && entry.message.test(message));
}

function statusOf({ message }: PeerError): number | undefined {
  const status = /Response Code: (\d{3})/.exec(message)?.[1];
  return status === undefined ? undefined : Number(status);
}
