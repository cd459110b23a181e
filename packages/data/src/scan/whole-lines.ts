import { RecordBlock } from './record-block.ts';
import { tokenize } from './tokenize.ts';

const LF = 0x0a;

/**
 * Looks at each line on its own, and keeps those that are records of the right width by themselves.
 *
 * This is how reading goes on within what an unclosed quote has swallowed: what begins behind it may be a row, and a
 * quote that is open at the end of a line is never followed. So the work stays linear.
 *
 * @param region The bytes.
 * @param offset Place in the file of the first of them.
 * @param width Number of cells that a record has.
 * @returns The records; `undefined` when there are none.
 */
export function wholeLines(region: Uint8Array, offset: number, width: number): RecordBlock | undefined {
  const line = new RecordBlock();
  const kept: Uint8Array[] = [];
  const offsets: number[] = [];
  let keptBytes = 0;
  for (let at = 0; ; ) {
    const end = region.indexOf(LF, at) + 1;
    if (end === 0) {
      break;
    }
    const bytes = region.subarray(at, end);
    if (line.bytes.length <= bytes.length) {
      line.bytes = Buffer.allocUnsafe(bytes.length * 2);
    }
    line.bytes.set(bytes);
    tokenize(line, bytes.length, width + 1);
    if (line.count === 1 && line.widths[0] === width && !line.isBlank(0)) {
      kept.push(bytes);
      offsets.push(offset + at);
      keptBytes += bytes.length;
    }
    at = end;
  }
  if (kept.length === 0) {
    return undefined;
  }
  const block = new RecordBlock();
  block.bytes = Buffer.allocUnsafe(keptBytes + 1);
  block.recordOffsets = offsets;
  let used = 0;
  for (const bytes of kept) {
    block.bytes.set(bytes, used);
    used += bytes.length;
  }
  tokenize(block, used, width + 1);
  return block;
}
