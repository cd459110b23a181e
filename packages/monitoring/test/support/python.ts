import { spawnSync } from 'node:child_process';

/** What Python there is on this machine. */
export interface PythonTools {
  /** Its version, for example `3.11.7`; `undefined` when there is no python3. */
  readonly version: string | undefined;
  /** Whether pandas can be imported. */
  readonly hasPandas: boolean;
}

/** Looks for `python3` and pandas, and says on standard error what is missing. */
export function findPython(): PythonTools {
  const script = 'import sys, importlib.util as u; print(sys.version.split()[0], u.find_spec("pandas") is not None)';
  const [version, hasPandas] = spawnSync('python3', ['-c', script], { encoding: 'utf8' }).stdout?.split(/\s+/) ?? [];
  const tools = { version: version || undefined, hasPandas: hasPandas === 'True' };
  if (tools.version === undefined) {
    process.stderr.write('SKIPPED: python3 is not installed, so what Python reads is not tested here.\n');
  } else if (!tools.hasPandas) {
    process.stderr.write('SKIPPED: pandas is not installed, so what pandas reads is not tested here.\n');
  }
  return tools;
}

/**
 * Runs a Python script that reads JSON from standard input and prints JSON.
 *
 * @param script Its text.
 * @param input What it reads.
 */
export function runPython(script: string, input: unknown): unknown {
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`python3 ended with ${status}: ${stderr}`, { cause: error });
  }
  return JSON.parse(stdout);
}
