import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './checkout.ts';

/** A fenced block of a Markdown text. */
export interface Fence {
  /** First word after the backticks, `ts` for example; empty when there is none. */
  readonly language: string;
  /** The other words of that line. */
  readonly words: readonly string[];
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** Folders that hold what was installed or made, not what was written. */
const MADE = new Set(['node_modules', 'dist', 'coverage', '.build', '.git']);

/** Files of the checkout whose names match; `/` between folders. */
export function checkoutFiles(pattern: RegExp): string[] {
  const filesBelow = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        return MADE.has(entry.name) ? [] : filesBelow(name);
      }
      return pattern.test(name) ? [name] : [];
    });
  return filesBelow('').sort();
}

export function readCheckoutFile(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** The fenced blocks of a text, also those indented below a list item. */
export function fencesOf(text: string): Fence[] {
  const fences: Fence[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const opening = /^(\s*)(`{3,})\s*([^\s`]*)\s*([^`]*)$/.exec(lines[index] ?? '');
    if (opening === null) {
      continue;
    }
    const [, indent = '', ticks = '', language = '', words = ''] = opening;
    const start = index;
    const body: string[] = [];
    for (index += 1; index < lines.length && !closes(lines[index] ?? '', ticks); index += 1) {
      const line = lines[index] ?? '';
      body.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
    }
    if (index === lines.length) {
      throw new Error(`The fence that opens at line ${start + 1} is never closed.`);
    }
    fences.push({
      language,
      words: words.split(/\s+/).filter((word) => word !== ''),
      text: `${body.join('\n')}\n`,
      line: start + 1,
    });
  }
  return fences;
}

function closes(line: string, ticks: string): boolean {
  const trimmed = line.trim();
  return trimmed.startsWith(ticks) && /^`+$/.test(trimmed);
}

/** The text with its fenced blocks, and code inside lines, left blank: lines keep their numbers. */
export function proseOf(text: string): string {
  const lines = text.split('\n');
  for (const fence of fencesOf(text)) {
    const count = fence.text.split('\n').length + 1;
    lines.fill('', fence.line - 1, fence.line - 1 + count);
  }
  return lines.join('\n').replaceAll(/(`+)[^`\n][^\n]*?\1/g, '');
}

/** The anchors that a Markdown page has: its headings, as GitHub names them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const fenced = new Set(
    fencesOf(text).flatMap((fence) => fence.text.split('\n').map((_, offset) => fence.line + offset)),
  );
  for (const [index, line] of text.split('\n').entries()) {
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
    if (heading !== undefined && !fenced.has(index)) {
      const base = heading
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-');
      let anchor = base;
      for (let count = 1; anchors.has(anchor); count += 1) {
        anchor = `${base}-${count}`;
      }
      anchors.add(anchor);
    }
  }
  return anchors;
}
