/**
 * Works on many things, so many at a time, and gives each result as soon as it is there.
 *
 * @param source What to work on; read only as fast as there is room.
 * @param limit How many at a time.
 * @param work What to do with each; must not throw.
 */
export async function* pooled<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running = new Map<number, Promise<{ readonly id: number; readonly result: R }>>();
  const first = async () => {
    const { id, result } = await Promise.race(running.values());
    running.delete(id);
    return result;
  };
  let id = 0;
  for await (const item of source) {
    const own = id++;
    running.set(
      own,
      work(item).then((result) => ({ id: own, result })),
    );
    if (running.size >= limit) {
      yield await first();
    }
  }
  while (running.size > 0) {
    yield await first();
  }
}
