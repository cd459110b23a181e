import { redactSecrets } from '@azureml-ts/common';
import type { Severity } from '../types.ts';
import { contentsOf } from './contents.ts';
import type { WriteData } from './item-draft.ts';
import { membersJson } from './json-bytes.ts';
import { type Limits, MAX_MESSAGE_CHARACTERS, nameCharacters } from './limits.ts';
import { cutText } from './shorten.ts';
import { parseStack, type StackFrame } from './stack.ts';

const MAX_CHAIN = 10;
/** More of a name or path than is ever sent. */
const NAME_CHARACTERS = 4_096;

/** One error of a chain, read once. @internal */
export interface ReadError {
  readonly id: number;
  readonly outerId: number | undefined;
  readonly typeName: string;
  /** Without secrets; at most as long as a message may be. */
  readonly message: string;
  /** Size of the message before that, in bytes, when it was too long. */
  readonly cutBytes: number | undefined;
  readonly frames: readonly StackFrame[];
}

/**
 * Reads an error, what caused it, and the parts of an AggregateError, at most ten in all. Any thrown value will do.
 *
 * Secrets are taken out: messages of failures quote addresses and connection strings, and nobody chose to send them.
 *
 * @internal
 */
export function readErrorChain(error: unknown): ReadError[] {
  const chain: ReadError[] = [];
  const seen = new Set<unknown>();
  const waiting: { readonly value: unknown; readonly outerId: number | undefined }[] = [
    { value: error, outerId: undefined },
  ];
  for (let next = waiting.shift(); next !== undefined && chain.length < MAX_CHAIN; next = waiting.shift()) {
    const { value, outerId } = next;
    if (seen.has(value)) {
      continue;
    }
    seen.add(value);
    const id = chain.length + 1;
    chain.push({ id, outerId, ...describe(value) });
    const inner = [field(value, 'cause'), ...listField(value, 'errors')].filter((part) => part !== undefined);
    waiting.push(...inner.map((part) => ({ value: part, outerId: id })));
  }
  return chain;
}

function describe(value: unknown): Omit<ReadError, 'id' | 'outerId'> {
  const message = field(value, 'message');
  const name = field(value, 'name');
  const isError = value instanceof Error || (typeof message === 'string' && typeof name === 'string');
  if (!isError) {
    const kind = value === null ? 'null' : typeof value;
    return { typeName: kind, ...sendable(contentsOf([value]).text || kind), frames: [] };
  }
  const typeName = typeof name === 'string' && name !== '' ? redactSecrets(cutText(name, NAME_CHARACTERS)) : 'Error';
  const text = typeof message === 'string' && message !== '' ? message : typeName;
  const frames = parseStack(field(value, 'stack')).map((frame) => ({
    ...frame,
    method: redactSecrets(cutText(frame.method, NAME_CHARACTERS)),
    fileName: redactSecrets(cutText(frame.fileName, NAME_CHARACTERS)),
  }));
  return { typeName, ...sendable(text), frames };
}

/** Cut before the secrets are taken out, so that the time for it is bounded; the end of a secret is cut with the rest. */
function sendable(text: string): Pick<ReadError, 'message' | 'cutBytes'> {
  const isLong = text.length > MAX_MESSAGE_CHARACTERS;
  return {
    message: redactSecrets(cutText(text, MAX_MESSAGE_CHARACTERS)),
    cutBytes: isLong ? Buffer.byteLength(text) : undefined,
  };
}

/** What an item says of a failure. @internal */
export function exceptionData(chain: readonly ReadError[], severityLevel: Severity): WriteData {
  return (out, limits) => {
    const longest = Math.floor(limits.messageCharacters / chain.length);
    const cut = chain.filter(({ message, cutBytes }) => cutBytes !== undefined || message.length > longest);
    out.json(membersJson({ exceptions: exceptionDetails(chain, limits), severityLevel }));
    return cut.reduce((sum, { message, cutBytes }) => sum + (cutBytes ?? Buffer.byteLength(message)), 0);
  };
}

function exceptionDetails(chain: readonly ReadError[], limits: Limits): object[] {
  const frames = Math.max(1, Math.floor(limits.propertyBytes / 160));
  const length = nameCharacters(limits);
  return chain.map(({ id, outerId, typeName, message, frames: all }) => ({
    id,
    outerId,
    typeName: cutText(typeName, length),
    message: cutText(message, Math.floor(limits.messageCharacters / chain.length)),
    hasFullStack: all.length > 0 && all.length <= frames,
    ...(all.length === 0 ? {} : { parsedStack: all.slice(0, frames).map((frame) => fitFrame(frame, length)) }),
  }));
}

function fitFrame(frame: StackFrame, length: number): StackFrame {
  return { ...frame, method: cutText(frame.method, length), fileName: cutText(frame.fileName, length) };
}

/** Fields of thrown things may throw when they are read. */
function field(value: unknown, key: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  } catch {
    return undefined;
  }
}

function listField(value: unknown, key: string): unknown[] {
  const list = field(value, key);
  return Array.isArray(list) ? list : [];
}
