import { AzuremlError } from '@azureml-ts/common';

/** Bytes as pieces, whichever way they were given. */
export async function* asPieces(
  pieces: AsyncIterable<Uint8Array> | Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (pieces instanceof Uint8Array) {
    yield pieces;
  } else {
    yield* pieces;
  }
}

/** Gathers pieces into blocks of one size; only the last is smaller. Nothing comes of no bytes. */
export async function* asBlocks(
  pieces: AsyncIterable<Uint8Array> | Uint8Array,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let block = Buffer.allocUnsafe(0);
  let used = 0;
  for await (const piece of asPieces(pieces)) {
    for (let at = 0; at < piece.length; ) {
      if (used === block.length) {
        // Small files should not take a whole block; a large one has its block after a few doublings.
        block = grown(block, used, Math.min(size, Math.max(65_536, used * 2, piece.length - at)));
      }
      const taken = Math.min(block.length - used, piece.length - at);
      block.set(piece.subarray(at, at + taken), used);
      used += taken;
      at += taken;
      if (used === size) {
        yield block;
        block = Buffer.allocUnsafe(0);
        used = 0;
      }
    }
  }
  if (used > 0) {
    yield block.subarray(0, used);
  }
}

function grown(block: Buffer<ArrayBuffer>, used: number, size: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(size);
  larger.set(block.subarray(0, used));
  return larger;
}

/** What to throw when a file must not be there, and is. */
export function fileExists(path: string, place: string): AzuremlError {
  return new AzuremlError(
    'FILE_EXISTS',
    `There is already a file ${path} in ${place}; it was left as it is. Write to another place, or allow it to be replaced.`,
    { details: { path, storage: place } },
  );
}
