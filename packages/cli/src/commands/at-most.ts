/** Passes on the first `limit` values, then ends the source; all of them without a limit. */
export async function* atMost<T>(source: AsyncIterable<T>, limit: number | undefined): AsyncGenerator<T> {
  let count = 0;
  for await (const value of source) {
    yield value;
    count++;
    if (count === limit) {
      return;
    }
  }
}
