/** Measures one contender once. */
export type Contender<T> = () => Promise<T>;

/**
 * Measures all contenders in turn, several times: a machine that gets slower or busier meets all of them alike.
 *
 * @param rounds How often each is measured; every second round goes the other way round.
 * @param contenders By name.
 * @param progress Told before each round.
 * @returns The results of each, in the order of the rounds.
 */
export async function interleave<Name extends string, T>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender<T>>>,
  progress: (line: string) => void = () => undefined,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as unknown as Record<Name, T[]>;
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name].push(await contenders[name]());
    }
  }
  return results;
}
