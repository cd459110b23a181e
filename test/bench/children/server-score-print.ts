import { print } from '@azureml-ts/insights';

/** The same, and each request prints what came in and goes out as one JSON. */
export function run(rawData: string): { readonly sum: number } {
  const { data } = JSON.parse(rawData) as { readonly data: readonly number[] };
  const output = { sum: data.reduce((sum, value) => sum + value, 0) };
  print({ input: data, output });
  return output;
}
