import { PLAIN, type RecordBlock } from '../scan/record-block.ts';

/** Whether the cells of a record are the names of the columns. */
export function isHeaderAgain(block: RecordBlock, record: number, names: readonly string[]): boolean {
  const first = block.firstCells[record] as number;
  const start = block.starts[first] as number;
  const [name = ''] = names;
  // Nearly all records are told apart by their first cell, without making a text of it.
  if (
    block.kinds[first] === PLAIN &&
    ((block.ends[first] as number) - start !== name.length ||
      (name !== '' && block.bytes[start] !== name.charCodeAt(0)))
  ) {
    return false;
  }
  for (let index = 0; index < names.length; index += 1) {
    if (block.text(first + index) !== names[index]) {
      return false;
    }
  }
  return true;
}
