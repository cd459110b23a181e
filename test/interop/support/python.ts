import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Table } from './tables.ts';

/** What is installed. Spark stands alone: it is large, and needs Java. */
export const TABLE_PACKAGES = ['pandas==3.1.1', 'pyarrow==26.0.1', 'duckdb==2.0.1', 'polars==2.1.0'];
export const SPARK_PACKAGES = ['pyspark==4.3.0'];

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
/** Where the scripts keep what they need between runs; git does not see it. */
const KEPT = fileURLToPath(new URL('../../../.build/interop/', import.meta.url));
/** An installation takes a minute or two; more than this means that the network does not answer. */
const INSTALL_MS = 900_000;
const RUN_MS = 300_000;

/** A Python, or why there is none. */
export type Python = { readonly path: string } | { readonly missing: string };

/** Children that are not to outlive this process. */
const children = new Set<ChildProcess>();

/** Ends everything that was started here. */
export function endChildren(): void {
  for (const child of children) {
    child.kill('SIGTERM');
  }
}

/**
 * Finds a Python with the packages: the one that AZUREML_TS_INTEROP_PYTHON names, else one of our own, which is made once
 * and kept with the other state of the scripts.
 */
export async function findPython(packages: readonly string[]): Promise<Python> {
  const named = process.env['AZUREML_TS_INTEROP_PYTHON'];
  if (named !== undefined && named !== '') {
    const lacks = await lacking(named, packages);
    return lacks === undefined ? { path: named } : { missing: `AZUREML_TS_INTEROP_PYTHON, ${lacks}` };
  }
  const hash = createHash('sha256').update(packages.join()).digest('hex').slice(0, 12);
  const folder = join(KEPT, `python-${hash}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python) && (await lacking(python, packages)) === undefined) {
    return { path: python };
  }
  console.error(`interop: installing ${packages.join(', ')} (once)`);
  // What a broken installation leaves is no installation: the folder gets its name at the end.
  const half = `${folder}-${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(KEPT, { recursive: true });
  try {
    await start('python3', ['-m', 'venv', '--copies', half], { timeoutMs: INSTALL_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
    await start(join(half, 'bin', 'python'), [...pip, ...packages], { timeoutMs: INSTALL_MS });
    rmSync(folder, { recursive: true, force: true });
    renameSync(half, folder);
    return { path: python };
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    return { missing: oneLine(error) };
  }
}

/** Whether there is a Java, and if not, why not. */
export async function missingJava(): Promise<string | undefined> {
  return start('java', ['-version'], { timeoutMs: 60_000 }).then(
    () => undefined,
    () => 'there is no java, which Spark needs',
  );
}

async function lacking(python: string, packages: readonly string[]): Promise<string | undefined> {
  const program = `import importlib.metadata as m, json, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps([p for p in sys.argv[1:] if version(p.split("==")[0]) != p.split("==")[1]]))`;
  try {
    const lacks = JSON.parse(await start(python, ['-c', program, ...packages], { timeoutMs: 60_000 })) as string[];
    return lacks.length === 0 ? undefined : `${python}, lacks ${lacks.join(', ')}`;
  } catch (error) {
    return oneLine(error);
  }
}

/** A reason in one line. */
function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' | ');
}

/** What a reader answers to each job: a table, several, or why it failed. */
export type Answer = Table | readonly Table[] | { readonly error: string };

/** Runs a reader with its order on standard input. */
export async function ask(python: string, peer: string, order: unknown): Promise<Answer[]> {
  const printed = await start(python, [join(PEERS, peer)], { input: JSON.stringify(order), timeoutMs: RUN_MS });
  const line = printed.split('\n').findLast((text) => text.startsWith('TABLES '));
  return JSON.parse((line ?? 'TABLES []').slice('TABLES '.length)) as Answer[];
}

interface StartOptions {
  readonly input?: string;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

/** Runs a command to its end; gives what it printed, or rejects with its last lines. */
export function start(command: string, args: readonly string[], options: StartOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      // What Python compiles of ours stays out of the checkout; Spark talks to itself over the loopback interface only.
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', SPARK_LOCAL_IP: '127.0.0.1' },
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      children.delete(child);
      if (code === 0) {
        resolve(stdout);
      } else {
        const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n    ');
        reject(new Error(`${command} ended with ${code ?? signal}: ${last}`));
      }
    });
  });
}
