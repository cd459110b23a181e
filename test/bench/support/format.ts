import { type Figure, isMet, ratioOf, type Unit } from './figure.ts';

/** The cells of a figure as text: figure, ours, peer, ratio, target, met. */
export function cellsOf(figure: Figure): string[] {
  const { name, unit, ours, peer, peerName, target } = figure;
  const other = peer === undefined ? '' : formatValue(peer, unit);
  return [
    name,
    ours === undefined ? '' : formatValue(ours, unit),
    [other, peerName].filter(Boolean).join(' '),
    formatRatio(ratioOf(figure)),
    target?.text ?? '',
    { true: 'yes', false: 'no', undefined: '' }[`${isMet(figure)}`],
  ];
}

/** Titles of {@link cellsOf}. */
export const COLUMNS = ['figure', 'ours', 'peer', 'ratio', 'target', 'met'] as const;

/** The figures as a table of text whose columns stand under each other. */
export function textTable(figures: readonly Figure[]): string {
  const lines = [[...COLUMNS], ...figures.map((figure) => cellsOf(figure).map((cell) => cell.replaceAll('`', '')))];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const text = lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return text.map((line) => line.trimEnd()).join('\n');
}

/** The figures as a table of Markdown. */
export function markdownTable(figures: readonly Figure[]): string {
  const lines = [[...COLUMNS], COLUMNS.map(() => '---'), ...figures.map(cellsOf)];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** A number with its unit, to three digits. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'ns':
      return value < 1000 ? `${digits(value)} ns` : formatValue(value / 1e6, 'ms');
    case 'ms':
      return value > 0 && value < 1 ? `${digits(value * 1000)} µs` : `${digits(value)} ms`;
    case 'bytes':
      return Math.abs(value) < 100_000 ? `${digits(value / 1000)} kB` : `${digits(value / 1e6)} MB`;
    case 'rows':
      return Math.round(value).toLocaleString('en-US');
    case 'rows/s':
    case 'requests/s':
      return `${Math.round(value).toLocaleString('en-US')} ${unit}`;
    case 'percent':
      return `${digits(value)} %`;
    case 'times':
      return digits(value);
    default:
      return `${digits(value)} ${unit}`;
  }
}

/** `1/23` for a small part, `2.4x` for all else. */
export function formatRatio(ratio: number | undefined): string {
  if (ratio === undefined || !Number.isFinite(ratio)) {
    return '';
  }
  return ratio > 0 && ratio < 0.5 ? `1/${digits(1 / ratio)}` : `${ratio.toFixed(2)}x`;
}

function digits(value: number): string {
  return value === 0 || Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
