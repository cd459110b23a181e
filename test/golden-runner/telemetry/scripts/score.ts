import { print } from '@azureml-ts/insights';

/** The recorded script, in Node: what it does is chosen by the body. The classes are called as those of Python. */
class ValueError extends Error {
  override readonly name = 'ValueError';
}

const MODES: Readonly<Record<string, () => unknown>> = {
  ok: () => undefined,
  json: () => print('{"input": [[1, 2], [3, 4]], "output": {"p": [0.1, 0.2]}}'),
  raise: () => {
    throw new ValueError('bad feature row');
  },
  big: () => {
    print(JSON.stringify({ input: 'x'.repeat(70_000) }));
    return { echo: 'y'.repeat(70_000) };
  },
  object: () => new Map(),
  none: () => null,
  str: () => 'text',
  nan: () => Number.NaN,
  multi: () => {
    print('a', 1, { k: 2 });
    print('line1\nline2');
    console.error('to standard error');
    process.stdout.write('straight to standard output\n');
  },
};

export function run(rawData: string): unknown {
  const { mode } = JSON.parse(rawData) as { readonly mode: string };
  const result = MODES[mode]?.();
  return result === undefined ? { len: rawData.length } : result;
}
