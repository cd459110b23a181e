import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorMessage } from '@azureml-ts/common';
import { EntryScriptInvalidError } from '../errors.ts';

/** How long the look for the line of a syntax error may take. */
const CHECK_TIMEOUT_MS = 5_000;

/**
 * Turns what Node's module loader threw into one sentence that says what is wrong and how to repair it.
 *
 * @param path Absolute path of the scoring script.
 * @param error What the import threw.
 */
export async function explainLoadFailure(path: string, error: unknown): Promise<EntryScriptInvalidError> {
  const start = `The scoring script ${path} cannot be loaded: `;
  let reason: string;
  try {
    reason = await reasonOf(path, error);
  } catch {
    // Scripts throw what cannot even be looked at.
    reason = `it threw ${errorMessage(error)}`;
  }
  return new EntryScriptInvalidError(start + reason, { cause: error, details: { path } });
}

async function reasonOf(path: string, error: unknown): Promise<string> {
  const message = firstLine(errorMessage(error));
  const code = (error as { code?: unknown } | null | undefined)?.code;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return (
        `${message}${at(locationOf(error))}. Node runs TypeScript by leaving the types out; enum, namespace and ` +
        'parameter properties need a compiler. Use a const object instead, or compile the script to JavaScript first.'
      );
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return (
        `${message}. Node runs TypeScript files only outside node_modules. Use a build of that package in JavaScript, ` +
        'or move the file out of node_modules.'
      );
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return (
        `${message}. Node ${process.versions.node} cannot load files of this kind; TypeScript needs Node 22.18 or ` +
        'later, without --no-strip-types.'
      );
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return missingModule(path, error);
    default:
      return error instanceof SyntaxError ? syntaxError(path, error, message) : `it threw ${named(error, message)}`;
  }
}

function missingModule(path: string, error: unknown): string {
  const message = errorMessage(error);
  const wanted = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  const importer = /imported from (\S.*)$/m.exec(message)?.[1] ?? /Require stack:\n- (.+)/.exec(message)?.[1] ?? path;
  if (wanted === undefined) {
    return firstLine(message);
  }
  if (/^(\.|\/|file:|[A-Za-z]:[\\/])/.test(wanted)) {
    return `the file ${wanted}, imported from ${importer}, does not exist. Imports need the full name with its extension.`;
  }
  const name = wanted
    .split('/')
    .slice(0, wanted.startsWith('@') ? 2 : 1)
    .join('/');
  return (
    `the package "${name}", imported from ${importer}, is not installed. ` +
    `Packages are looked for in node_modules of ${dirname(path)} and of the folders above it: run npm install ${name} there.`
  );
}

async function syntaxError(path: string, error: SyntaxError, message: string): Promise<string> {
  // JSON.parse throws a SyntaxError too, but from within the script; the compiler's come from Node's loader.
  const firstFrame = (error.stack ?? '').split('\n').find((line) => /^\s+at /.test(line));
  const thrownInScript = firstFrame !== undefined && !firstFrame.includes('node:internal/modules');
  if (thrownInScript) {
    return `it threw ${named(error, message)}`;
  }
  const location = locationOf(error) ?? (await locationByCheck(path));
  const missingName = /does not provide an export named '(.+)'/.exec(message)?.[1];
  const hint =
    missingName !== undefined && /\.[mc]?ts$/.test(path)
      ? ` If ${missingName} is a type, import it by "import type".`
      : location === undefined
        ? ' The fault is in a file that the script imports.'
        : '';
  return `syntax error${at(location)}: ${message}.${hint}`;
}

/** Node writes `file:line` into the first line of the stack of most syntax errors. */
function locationOf(error: unknown): string | undefined {
  return parseLocation(firstLine((error as Error).stack ?? ''));
}

function parseLocation(line: string): string | undefined {
  const match = /^(.+):(\d+)$/.exec(line);
  const [, file, lineNumber] = match ?? [];
  if (file === undefined || lineNumber === undefined || /^\w*Error\b/.test(file)) {
    return undefined;
  }
  return `${file.startsWith('file:') ? fileURLToPath(file) : file}:${lineNumber}`;
}

/** For ES modules Node keeps the line to itself; its own syntax check, which runs nothing of the script, tells it. */
async function locationByCheck(path: string): Promise<string | undefined> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', path], { timeout: CHECK_TIMEOUT_MS }, (_error, _stdout, stderr) => {
      resolve(parseLocation(firstLine(stderr)));
    });
  });
}

function at(location: string | undefined): string {
  return location === undefined ? '' : ` at ${location}`;
}

function named(error: unknown, message: string): string {
  return error instanceof Error ? `${error.name}: ${message}` : message;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
