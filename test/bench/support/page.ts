import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machine } from './machine.ts';
import { markdownReport, type Result } from './report.ts';

const PAGE = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

/** Replaces the parts of docs/performance.md that were measured; what could not run keeps its last figures. */
export function writePage(results: readonly Result[]): void {
  let page = readFileSync(PAGE, 'utf8');
  for (const result of results) {
    const text = markdownReport(result);
    if (text !== undefined) {
      page = replacePart(page, result.bench.name, `### ${result.bench.title}\n\n${text}`);
    }
  }
  page = replacePart(page, 'machine', `Last measured on ${machine()}.`);
  writeFileSync(PAGE, page);
}

/** Replaces what stands between the marks of a part; a part without marks is added at the end of the figures. */
export function replacePart(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const part = `${start}\n${text}\n${end}`;
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from !== -1 && to > from) {
    return page.slice(0, from) + part + page.slice(to + end.length);
  }
  const last = '<!-- end of the figures -->';
  return page.replace(last, () => `${part}\n\n${last}`);
}
