import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ChildServer, MAIN, scripts } from './child-server.ts';

let folder: Awaited<ReturnType<typeof scripts>>;
let running: ChildServer[] = [];
afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()));
  running = [];
  await folder.remove();
});

async function serve(name: string, text: string, env?: Record<string, string>): Promise<ChildServer> {
  folder = await scripts({ [name]: text });
  return launch(['--entry-script', folder.path(name)], env);
}

function launch(argv: string[], env?: Record<string, string>, cwd?: string): ChildServer {
  const server = new ChildServer([...argv, '--port', '0', '--host', '127.0.0.1'], env, cwd);
  running.push(server);
  return server;
}

describe('scripts that load', () => {
  it.each([
    [
      'named.ts',
      'let n = 0; export function init(): void { n = 5 } export const run = async (raw: string): Promise<number> => n',
    ],
    [
      'named.mts',
      'let n: number; export async function init() { await null; n = 5 } export function run() { return n }',
    ],
    ['named.cts', 'let n: number; exports.init = () => { n = 5 }; exports.run = (raw: string) => n;'],
    ['default-object.mjs', 'export default { n: 0, init() { this.n = 5 }, run() { return this.n } }'],
    ['module-exports.cjs', 'let n; module.exports = { run: () => n, ...{ init: () => { n = 5 } } };'],
    [
      'transpiled.cjs',
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = { run: () => 5 };',
    ],
    ['plain.js', 'export const run = () => 5'],
    ['class.mjs', 'class Model { #n = 0; init() { this.#n = 5 } run() { return this.#n } } export default new Model()'],
  ])('%s', async (name, text) => {
    const server = await serve(name, text);
    const response = await server.post(await server.url(), '{}');
    expect([response.status, await response.text()]).toEqual([200, '5']);
  });

  it('is looked for in AZUREML_SOURCE_DIRECTORY, also when named by AZUREML_ENTRY_SCRIPT', async () => {
    folder = await scripts({ 'score.mjs': 'export const run = () => 5' });
    const server = launch([], {
      AZUREML_SOURCE_DIRECTORY: dirname(folder.path('score.mjs')),
      AZUREML_ENTRY_SCRIPT: 'score.mjs',
    });
    expect(await (await server.post(await server.url(), '')).json()).toBe(5);
  });
});

describe('scripts that do not', () => {
  it.each<[what: string, name: string, text: string, parts: (string | RegExp)[]]>([
    ['no run', 'a.mjs', 'export const predict = () => 1', ['has no function run', 'It exports predict.']],
    ['nothing at all', 'a.cjs', '', ['has no function run']],
    ['a run that is no function', 'a.mjs', 'export const run = 5', ['exports run, but it is of type number']],
    ['an enum', 'a.ts', 'enum A { B }\nexport const run = () => A.B', ['enum', /a\.ts:1\./, 'const object']],
    [
      'a syntax error in TypeScript',
      'a.ts',
      'export const a = 1;\nexport const run = ( => 1;',
      [/syntax error at \/.*a\.ts:2: /],
    ],
    [
      'a syntax error in an ES module',
      'a.mjs',
      'const a = 1;\nexport const run = ( => 1;',
      [/syntax error at \/.*a\.mjs:2: /],
    ],
    ['a syntax error in CommonJS', 'a.cjs', '\n\nconst b = ( => 1;', [/syntax error at \/.*a\.cjs:3: /]],
    [
      'a missing package',
      'a.mjs',
      'import x from "@no-scope/no-package/sub"',
      ['"@no-scope/no-package"', 'a.mjs', 'npm install'],
    ],
    [
      'a missing package in CommonJS',
      'a.cjs',
      'require("no-package-x")',
      ['"no-package-x"', 'a.cjs', 'is not installed'],
    ],
    ['a missing file', 'a.mjs', 'import "./other.js"', ['other.js, imported from', 'does not exist']],
    [
      'a type imported as a value',
      'a.ts',
      'import { Server } from "./a.ts"; export const run = 1',
      ['Server', '"import type"'],
    ],
    ['an error while loading', 'a.mjs', 'JSON.parse("{")', ['it threw SyntaxError']],
  ])('%s', async (_what, name, text, parts) => {
    const server = await serve(name, text);
    const message = await server.message;
    expect(message).toMatchObject({ type: 'azureml-ts:failed', code: 'ENTRY_SCRIPT_INVALID' });
    for (const part of parts) {
      expect(message?.['message']).toEqual(
        typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part),
      );
    }
    expect(await server.ended).toBe(3);
    expect(server.stderr).toContain(`${message?.['message']} [ENTRY_SCRIPT_INVALID]`);
  });

  it('TypeScript inside node_modules', async () => {
    folder = await scripts({ 'a.mjs': 'import "typed"; export const run = () => 1' });
    const directory = `${dirname(folder.path('a.mjs'))}/node_modules/typed`;
    await mkdir(directory, { recursive: true });
    await writeFile(`${directory}/package.json`, '{"name": "typed", "main": "index.ts"}');
    await writeFile(`${directory}/index.ts`, 'export const a: number = 1');
    const server = launch(['--entry-script', folder.path('a.mjs')]);
    expect(await server.message).toMatchObject({ message: expect.stringContaining('outside node_modules') });
  });

  it('a file that does not exist, naming where it was looked for', async () => {
    folder = await scripts({});
    const directory = dirname(folder.path('x'));
    const server = launch(['--entry-script', 'nope.ts'], { AZUREML_SOURCE_DIRECTORY: directory });
    const message = await server.message;
    expect(message).toMatchObject({ code: 'ENTRY_SCRIPT_NOT_FOUND' });
    expect(message?.['message']).toContain(`${basename(directory)}/nope.ts`);
    expect(message?.['message']).toContain('AZUREML_SOURCE_DIRECTORY');
    expect(await server.ended).toBe(3);
  });
});

describe('init()', () => {
  it('that fails ends the process with 3, the reason and the stack on standard error', async () => {
    const server = await serve(
      'a.mjs',
      'export function init() { throw new RangeError("init exploded") }; export const run = () => 1',
    );
    expect(await server.message).toMatchObject({
      code: 'INIT_FAILED',
      message: expect.stringContaining('init exploded'),
    });
    expect(await server.ended).toBe(3);
    expect(server.stderr).toMatch(/\[INIT_FAILED\]\nRangeError: init exploded\n\s+at .*a\.mjs:1:/);
  });

  it.each([
    ['message is an object', 'const e = new Error("x"); e.message = { a: 1 }; throw e'],
    ['message throws', 'throw Object.defineProperty(new Error("x"), "message", { get() { throw 5 } })'],
    ['inspection throws', 'throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("nope") } }'],
  ])('that throws a value whose %s is still INIT_FAILED and 3', async (_what, code) => {
    const server = await serve('a.mjs', `export function init() { ${code} }; export const run = () => 1`);
    expect(await server.message).toMatchObject({ type: 'azureml-ts:failed', code: 'INIT_FAILED' });
    expect(await server.ended).toBe(3);
  });

  it('that never ends is waited for, also when nothing else keeps the process alive', async () => {
    folder = await scripts({
      'a.mjs':
        'export const init = () => { console.log("in"); return new Promise(() => {}) }; export const run = () => 1',
    });
    const child = spawn(process.execPath, [MAIN, '--entry-script', folder.path('a.mjs'), '--port', '0'], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    // Time for a process without anything to do to end by itself.
    const early = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500, 'waits'))]);
    child.kill('SIGTERM');
    expect(early).toBe('waits');
    expect(await ended).toEqual([0, null]);
  });
});

describe('process.exit() before the server is ready', () => {
  it.each([
    ['while loading', 0, 3, 'process.exit(0)'],
    ['in init()', 0, 3, 'export const init = () => process.exit(0); export const run = () => 1'],
    ['in init()', 7, 7, 'export const init = () => process.exit(7); export const run = () => 1'],
  ])('%s with %d is told in the log, and ends with %d', async (_what, code, ends, text) => {
    const server = await serve('a.mjs', text);
    expect(await server.ended).toBe(ends);
    expect(server.stderr).toContain(
      `The scoring script ended the process with code ${code} before the server was ready`,
    );
  });

  it('is not blamed on the script when a signal ends the start', async () => {
    const server = await serve(
      'a.mjs',
      'export const init = () => { console.log("in"); return new Promise(() => {}) }; export const run = () => 1',
    );
    await once(server.child.stdout as NodeJS.ReadableStream, 'data');
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.stderr).not.toContain('ended the process');
  });
});
