import { currentRequest, processSingleton, type RequestContext } from '@azureml-ts/common';
import { type RequestReference, requestInProgress } from '../context.ts';
import { Lines } from './lines.ts';
import { isSilenced, type StandardStream, silently, streamTarget } from './registry.ts';

/** Requests that may have begun a line at the same time; the line of the oldest ends when there are more. */
const MAX_OPEN_LINES = 100;

type Write = NodeJS.WriteStream['write'];
type Writer = RequestContext | 'no request';

/** A stream whose `write` was replaced. */
interface Replaced {
  readonly original: Write;
  readonly wrapper: Write;
  /** Whether the stream had a `write` of its own, besides that of its class. */
  readonly isOwn: boolean;
}

/** What all started telemetry of a process shares. */
interface StreamState {
  readonly replaced: Map<StandardStream, Replaced>;
  /** Lines that have begun and not ended, by stream and by who writes them: requests write at the same time. */
  readonly open: Map<StandardStream, Map<Writer, Lines>>;
}

const state = processSingleton<StreamState>('insights-streams', 1, () => ({ replaced: new Map(), open: new Map() }));

/**
 * Replaces `write` of the standard streams when some target wants their lines, and puts it back when none does. A `write`
 * that somebody else replaced after us stays theirs.
 *
 * @internal
 */
export function updateStreamCapture(): void {
  const wanted = streamTarget() !== undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const ours = state.replaced.get(name);
    if (wanted && ours === undefined) {
      const original = stream.write;
      const wrapper = wrap(name, original);
      state.replaced.set(name, { original, wrapper, isOwn: Object.hasOwn(stream, 'write') });
      stream.write = wrapper;
    } else if (!wanted && ours !== undefined && stream.write === ours.wrapper) {
      state.replaced.delete(name);
      if (ours.isOwn) {
        stream.write = ours.original;
      } else {
        Reflect.deleteProperty(stream, 'write');
      }
    }
  }
}

/** Sends the lines that have begun, as if they ended here. @internal */
export function endOpenLines(): void {
  for (const open of state.open.values()) {
    for (const [writer, lines] of [...open]) {
      open.delete(writer);
      silently(() => lines.end());
    }
  }
}

function wrap(name: StandardStream, original: Write): Write {
  const write = (...args: [chunk: string | Uint8Array, encoding?: unknown, callback?: unknown]): boolean => {
    const isCaptured = !isSilenced() && streamTarget() !== undefined;
    try {
      return Reflect.apply(original, process[name], args);
    } finally {
      if (isCaptured) {
        // What making an item writes is not captured: it would never end.
        silently(() => note(name, args[0], args[1]));
      }
    }
  };
  return write as Write;
}

function note(name: StandardStream, chunk: unknown, encoding: unknown): void {
  const bytes = typeof chunk === 'string' ? asUtf8(chunk, encoding) : chunk;
  if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array)) {
    return;
  }
  const open = state.open.get(name) ?? new Map<Writer, Lines>();
  state.open.set(name, open);
  const writer = currentRequest() ?? 'no request';
  const lines = open.get(writer) ?? new Lines(sendTo(name, requestInProgress()));
  open.delete(writer);
  lines.write(bytes);
  if (lines.isOpen) {
    open.set(writer, lines);
  }
  const [oldest] = open;
  if (open.size > MAX_OPEN_LINES && oldest !== undefined) {
    open.delete(oldest[0]);
    oldest[1].end();
  }
}

function sendTo(name: StandardStream, request: RequestReference | undefined): (line: string) => void {
  return (line) => streamTarget()?.lineWritten(name, line, request);
}

function asUtf8(text: string, encoding: unknown): string | Uint8Array {
  return typeof encoding === 'string' && !/^utf-?8$/i.test(encoding) && Buffer.isEncoding(encoding)
    ? Buffer.from(text, encoding)
    : text;
}
