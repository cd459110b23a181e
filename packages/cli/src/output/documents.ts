import type { CommandIo } from '../io.ts';
import { hasColors, paint } from './colors.ts';
import { jsonText, SCHEMA_VERSION } from './json.ts';
import { cellText, type Row } from './table.ts';

/** Writes one JSON document with the schema version, indented. */
export function writeDocument(io: CommandIo, document: Row): Promise<void> {
  return io.writeOut(`${jsonText({ schemaVersion: SCHEMA_VERSION, ...document }, 2)}\n`);
}

/** Writes one JSON document on a line of its own. */
export function writeDocumentLine(io: CommandIo, document: Row): Promise<void> {
  return io.writeOut(`${jsonText({ schemaVersion: SCHEMA_VERSION, ...document })}\n`);
}

/**
 * Lays fields out as lines `name  value`; what lies in an object has a path as its name. Nothing, and what is empty, is
 * left out.
 */
export function fieldsText(io: CommandIo, fields: Row): string {
  const lines = [...flat(fields, '')];
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  const isColored = hasColors(io);
  return lines.map(([name, value]) => `${paint(name.padEnd(width), 'bold', isColored)}  ${value}\n`).join('');
}

function* flat(value: unknown, path: string): Generator<readonly [name: string, value: string]> {
  if (isPlain(value)) {
    for (const [name, inner] of Object.entries(value)) {
      yield* flat(inner, path === '' ? cellText(name) : `${path}.${cellText(name)}`);
    }
  } else if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) {
    for (const [index, inner] of value.entries()) {
      yield* flat(inner, `${path}[${index}]`);
    }
  } else if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) {
    yield [path, cellText(value)];
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
