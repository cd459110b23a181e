import type { TextColumn, Utf8Texts } from './column-batch.ts';

/**
 * A column whose texts are made when somebody asks for them. Until then they are bytes outside the heap: who only wants
 * the numbers, or hands the bytes on to an engine, pays nothing for them.
 *
 * @param wide 1 for each text that is not ASCII; left out when there is none.
 */
export function lazyTextColumn(name: string, utf8: Utf8Texts, wide: Uint8Array | undefined): TextColumn {
  let values: readonly (string | null)[] | undefined;
  return {
    name,
    type: 'string',
    utf8,
    get values() {
      values ??= textsOf(utf8, wide);
      return values;
    },
  };
}

function textsOf({ offsets, bytes }: Utf8Texts, wide: Uint8Array | undefined): (string | null)[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // One text of all bytes, cut at the offsets, costs far less than a call of the decoder for each.
  const all = buffer.toString('latin1');
  const texts = new Array<string | null>(offsets.length - 1);
  for (let row = 0; row < texts.length; row += 1) {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    texts[row] = start === end ? null : wide?.[row] === 1 ? buffer.toString('utf8', start, end) : all.slice(start, end);
  }
  return texts;
}
