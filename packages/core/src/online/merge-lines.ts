/** A stream of lines, and what its lines begin with. */
export interface LineStream {
  readonly prefix: string;
  readonly lines: AsyncIterator<string>;
}

/**
 * Yields the lines of several streams as they come, each with the prefix of its stream. Ends with the last of them, or
 * with the first that fails; then the others are ended too.
 */
export async function* mergeLines(streams: readonly LineStream[]): AsyncGenerator<string> {
  const ask = (stream: LineStream) => stream.lines.next().then((result) => ({ stream, result }));
  const open = new Map(streams.map((stream) => [stream, ask(stream)]));
  try {
    while (open.size > 0) {
      const { stream, result } = await Promise.race(open.values());
      if (result.done === true) {
        open.delete(stream);
        continue;
      }
      open.set(stream, ask(stream));
      yield `${stream.prefix}${result.value}`;
    }
  } finally {
    for (const [stream, asked] of open) {
      asked.catch(() => undefined);
      // It may be in the middle of a wait, which its abort signal ends.
      Promise.resolve(stream.lines.return?.()).catch(() => undefined);
    }
  }
}
