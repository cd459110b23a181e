import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Reads the files that are named on its standard input and prints the records of each as JSON. */
const PROGRAM = `
import csv, json, sys
csv.field_size_limit(sys.maxsize)
for path in sys.stdin:
    with open(path.rstrip("\\n"), encoding="utf-8", newline="") as file:
        print(json.dumps(list(csv.reader(file, strict=True))), flush=True)
`;

/** Whether there is a Python; its `csv` module reads zero bytes from 3.11 on. */
export const HAS_PYTHON =
  spawnSync('python3', ['-c', 'import csv, sys; sys.exit(sys.version_info < (3, 11))']).status === 0;

/** Python's reader of CSV, in a process of its own. */
export class PythonCsv {
  readonly #process: ChildProcessWithoutNullStreams = spawn('python3', ['-c', PROGRAM]);
  readonly #lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  /** Records of a file. */
  async read(path: string): Promise<string[][]> {
    this.#process.stdin.write(`${path}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) {
      throw new Error(`Python cannot read ${path}: ${this.#process.stderr.read() ?? ''}`);
    }
    return JSON.parse(value) as string[][];
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    await once(this.#process, 'close');
  }
}
