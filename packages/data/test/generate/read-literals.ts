/** Reads a text literal of Python as Python does: those escapes that its lexical analysis has. */
export function readPython(literal: string): string {
  const body = /^"((?:[^"\\\n\r]|\\.)*)"$/u.exec(literal)?.[1];
  if (body === undefined) {
    throw new Error(`no literal of Python: ${literal}`);
  }
  return body.replaceAll(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|.)/gu, (_, name: string) =>
    name.length > 1 ? String.fromCharCode(Number.parseInt(name.slice(1), 16)) : known(name),
  );
}

function known(name: string): string {
  if (name !== '"' && name !== '\\') {
    throw new Error(`no escape that is used here: ${name}`);
  }
  return name;
}

/** Reads a list of text literals of Python. */
export function readPythonList(list: string): string[] {
  const inner = /^\[(.*)\]$/su.exec(list)?.[1] ?? '';
  return [...inner.matchAll(/"(?:[^"\\]|\\.)*"/gsu)].map(([literal]) => readPython(literal));
}

/** Reads a text literal of SQL. */
export function readSql(literal: string): string {
  const body = /^'((?:[^']|'')*)'$/su.exec(literal)?.[1];
  if (body === undefined) {
    throw new Error(`no literal of SQL: ${literal}`);
  }
  return body.replaceAll("''", "'");
}

/** Reads a text literal of M. Source: "Power Query M language specification", lexical structure, text literals. */
export function readM(literal: string): string {
  const body = /^"((?:[^"\n\r\u0085\u2028\u2029]|"")*)"$/su.exec(literal)?.[1];
  if (body === undefined) {
    throw new Error(`no literal of M: ${literal}`);
  }
  return body.replaceAll(/#\(([^)]*)\)|""/gsu, (match, escapes?: string) =>
    match === '""' ? '"' : (escapes ?? '').split(',').map(mCharacter).join(''),
  );
}

function mCharacter(name: string): string {
  const controls: Record<string, string> = { '#': '#', cr: '\r', lf: '\n', tab: '\t' };
  if (/^(?:[0-9a-f]{4}|[0-9a-f]{8})$/i.test(name)) {
    return String.fromCodePoint(Number.parseInt(name, 16));
  }
  const character = controls[name];
  if (character === undefined) {
    throw new Error(`no escape of M: ${name}`);
  }
  return character;
}
