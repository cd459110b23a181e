import { numberText, valueText } from '@azureml-ts/monitoring/format';
import { isJsonText, readJsonNumber } from '../json-lines/json-cells.ts';
import { type CellValue, inferCell } from '../rows/cell-types.ts';
import type { RecordBlock } from '../scan/record-block.ts';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The text of a cell in a documented file, before quotes. A number stays as it is written where that is read as the same
 * number; else it is written so that it is, if that can be done.
 *
 * @param written How it is written where it comes from.
 */
export function documentedText(value: CellValue, written: string): string {
  if (value === null) {
    return '';
  }
  if (typeof value === 'string') {
    return value.replace(/\p{Surrogate}/gu, '\uFFFD');
  }
  if (typeof value !== 'number') {
    return value instanceof Date ? value.toISOString() : String(value);
  }
  const plain = Object.is(value, -0) ? '-0.0' : String(value);
  return [written, plain, `${plain}.0`].find((text) => Object.is(inferCell(text), value)) ?? plain;
}

/**
 * A cell as JSON, as the `Collector` writes it: in ASCII, what JSON has not as `null`, a time as milliseconds. A number
 * stays as it is written where JSON has it so: `5.0` keeps its point.
 *
 * @param written How it is written where it comes from.
 */
export function jsonText(value: CellValue, written: string): string {
  if (typeof value !== 'number') {
    return valueText(value, false);
  }
  return JSON_NUMBER.test(written) && Object.is(readJsonNumber(written), value) ? written : numberText(value);
}

/** A cell of JSON as it stands there, as {@link jsonText} wrote it. */
export function storedJsonText(block: RecordBlock, cell: number): string {
  const text = block.text(cell);
  return isJsonText(block, cell) ? valueText(text, false) : text === '' ? 'null' : text;
}
