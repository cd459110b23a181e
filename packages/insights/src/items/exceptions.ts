import { contentsOf } from './contents.ts';
import { type Limits, nameCharacters } from './limits.ts';
import { cutText } from './shorten.ts';
import { parseStack, type StackFrame } from './stack.ts';

const MAX_CHAIN = 10;

/** One error of a chain, read once. @internal */
export interface ReadError {
  readonly id: number;
  readonly outerId: number | undefined;
  readonly typeName: string;
  readonly message: string;
  readonly frames: readonly StackFrame[];
}

/**
 * Reads an error, what caused it, and the parts of an AggregateError, at most ten in all. Any thrown value will do.
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

function describe(value: unknown): Pick<ReadError, 'typeName' | 'message' | 'frames'> {
  const message = field(value, 'message');
  const name = field(value, 'name');
  const isError = value instanceof Error || (typeof message === 'string' && typeof name === 'string');
  if (!isError) {
    const kind = value === null ? 'null' : typeof value;
    return { typeName: kind, message: contentsOf([value]) || kind, frames: [] };
  }
  const typeName = typeof name === 'string' && name !== '' ? name : 'Error';
  const text = typeof message === 'string' && message !== '' ? message : typeName;
  return { typeName, message: text, frames: parseStack(field(value, 'stack')) };
}

/** The list as it is sent. @internal */
export function exceptionDetails(chain: readonly ReadError[], limits: Limits): object[] {
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
