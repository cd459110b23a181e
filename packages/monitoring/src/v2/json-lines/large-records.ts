/** Rows that take more than this go to a file of their own. Source: Azure ML documents 4 MB. */
export const MAX_DATA_BYTES = 4 * 1_048_576;

const LINE_END = 0x0a;
const DATA = Buffer.from(',"data":');
const RANGE = Buffer.from(',"contentrange":"bytes 0-');

/** Rows that are stored apart from their record. */
export interface LargeData {
  /** Id of the record. */
  readonly id: string;
  /** The rows as JSON. */
  readonly data: Buffer;
}

/** Lines whose large rows are taken out. */
export interface SlimLines {
  /** The lines, with `dataref` in place of large `data`. */
  readonly bytes: Buffer;
  /** What they point to. */
  readonly large: readonly LargeData[];
}

/**
 * Takes large rows out of lines: a line names where they are instead.
 *
 * @param bytes Lines as `JsonLinesLayout` writes them.
 * @param reference Where the rows of a record will be, by its id.
 */
export function withoutLargeData(bytes: Buffer, reference: (id: string) => string): SlimLines {
  if (bytes.length <= MAX_DATA_BYTES) {
    return { bytes, large: [] };
  }
  const pieces: Buffer[] = [];
  const large: LargeData[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_END, start) + 1;
    const line = bytes.subarray(start, end);
    const found = line.length > MAX_DATA_BYTES ? largeDataOf(line) : undefined;
    if (found === undefined) {
      pieces.push(line);
    } else {
      const dataref = Buffer.from(`,"dataref":${JSON.stringify(reference(found.id))}`);
      pieces.push(line.subarray(0, found.start - DATA.length), dataref, line.subarray(found.end));
      large.push({ id: found.id, data: line.subarray(found.start, found.end) });
    }
    start = end;
  }
  return large.length === 0 ? { bytes, large } : { bytes: Buffer.concat(pieces), large };
}

/** Quotes within texts are escaped, so what is looked for is found in its place only. */
function largeDataOf(line: Buffer): { id: string; start: number; end: number } | undefined {
  const start = line.indexOf(DATA) + DATA.length;
  const end = line.lastIndexOf(RANGE);
  if (end - start <= MAX_DATA_BYTES) {
    return undefined;
  }
  const { id } = JSON.parse(`${line.toString('latin1', 0, start - DATA.length)}}`) as { id: string };
  return { id, start, end };
}
