import type { RowLayout } from '../engine/row-layout.ts';
import { readPythonLayout } from '../python/python-layout.ts';
import { RowSchema } from '../rows/row-schema.ts';
import { JsonLinesLayout } from '../v2/json-lines/json-lines-layout.ts';
import { SidecarLayout } from '../v2/sidecar/sidecar-layout.ts';

/** Makes layouts other than the documented one again from what {@link RowLayout.toRecord} gave, by their names. */
const READERS: Readonly<Record<string, (record: Readonly<Record<string, unknown>>) => RowLayout | undefined>> = {
  'json-lines': JsonLinesLayout.read,
  'python-v1': readPythonLayout,
  sidecar: SidecarLayout.read,
};

/**
 * Makes the layout of rows again that another process has left.
 *
 * @param record What {@link RowLayout.toRecord} gave, among other fields.
 * @returns `undefined` when it says nothing of a layout that is known.
 */
export function readLayout(record: Readonly<Record<string, unknown>>): RowLayout | undefined {
  const { layout, names, width } = record;
  if (typeof layout === 'string') {
    return READERS[layout]?.(record);
  }
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) {
    return new RowSchema(names);
  }
  return typeof width === 'number' ? new RowSchema(width) : undefined;
}
