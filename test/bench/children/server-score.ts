/** The scoring script of the benches: a sum. */
export function run(rawData: string): { readonly sum: number } {
  const { data } = JSON.parse(rawData) as { readonly data: readonly number[] };
  return { sum: data.reduce((sum, value) => sum + value, 0) };
}
