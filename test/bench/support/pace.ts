/**
 * Does something at a steady rate: what is due is done every millisecond.
 *
 * @param work Given 0, 1, 2 and so on.
 * @param onTick Called every millisecond before the work.
 * @returns How often it was done.
 */
export function atRate(
  perSecond: number,
  durationMs: number,
  work: (index: number) => void,
  onTick: () => void = () => undefined,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const start = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    try {
      onTick();
      const elapsed = performance.now() - start;
      const due = Math.floor((Math.min(elapsed, durationMs) * perSecond) / 1000);
      for (; done < due; done += 1) {
        work(done);
      }
      if (elapsed >= durationMs) {
        clearInterval(timer);
        resolve(done);
      }
    } catch (error) {
      clearInterval(timer);
      reject(error);
    }
  }, 1);
  return promise;
}
