import type { CommandIo } from '../io.ts';
import { hasColors, paint } from './colors.ts';
import { cellText, type Row } from './table.ts';

/** Longest cell, in characters. */
const MAX_CELL = 60;

/** A table whose rows come one by one: each is written at once, under the columns of the first one. */
export class LineTable {
  readonly #io: CommandIo;
  #names: readonly string[] = [];
  #widths: readonly number[] = [];

  /** @param io Where it is written to. */
  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Writes a row; a row with other columns begins with a head of its own. */
  async write(row: Row): Promise<void> {
    const names = Object.keys(row);
    const cells = names.map((name) => shortened(cellText(row[name])));
    let head = '';
    if (names.length !== this.#names.length || names.some((name, index) => name !== this.#names[index])) {
      const titles = names.map((name) => shortened(cellText(name)));
      this.#names = names;
      this.#widths = titles.map((title, index) => Math.max(title.length, cells[index]?.length ?? 0));
      head = `${paint(this.#line(titles), 'bold', hasColors(this.#io))}\n`;
    }
    await this.#io.writeOut(`${head}${this.#line(cells)}\n`);
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, index) => cell.padEnd(this.#widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  }
}

function shortened(text: string): string {
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 3)}...` : text;
}
