import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlockBlobClient } from '@azure/storage-blob';
import { AzuremlError } from '@azureml-ts/common';
import type { HashedFile } from './content-hash.ts';

/** Size of a block of a large file. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/**
 * Uploads a file to a path that no other content ever has. Blocks of an upload that broke off are not sent again. Nothing is
 * stored whose bytes are not those of the path: they would stay there for good.
 *
 * @param blob Where to.
 * @param file The file.
 * @param abortSignal Ends the upload; what was sent stays for the next time.
 * @param onBytes Is told of bytes that were sent.
 * @throws `CONTENT_CHANGED` when the file is another one than was hashed.
 */
export async function uploadFile(
  blob: BlockBlobClient,
  file: HashedFile,
  abortSignal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  if (file.size > BLOCK_BYTES) {
    return uploadBlocks(blob, file, abortSignal, onBytes);
  }
  const bytes = await allOf(file);
  checkHash(file, hashOf(bytes));
  await blob.upload(bytes, bytes.length, { abortSignal });
  onBytes(bytes.length);
}

async function uploadBlocks(
  blob: BlockBlobClient,
  file: HashedFile,
  abortSignal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const staged = await stagedBlocks(blob, abortSignal);
  const ids: string[] = [];
  const whole = createHash('sha256');
  for await (const block of blocksOf(file)) {
    whole.update(block);
    // With the hash: a block that is there may be of a file that changed. The same number of digits in each, as the service
    // wants it.
    const id = Buffer.from(`${String(ids.length).padStart(8, '0')}${hashOf(block).slice(0, 32)}`).toString('base64');
    ids.push(id);
    if (staged.get(id) !== block.length) {
      await blob.stageBlock(id, block, block.length, { abortSignal });
      onBytes(block.length);
    }
  }
  checkHash(file, whole.digest('hex'));
  await blob.commitBlockList(ids, { abortSignal });
}

async function stagedBlocks(blob: BlockBlobClient, abortSignal: AbortSignal): Promise<Map<string, number>> {
  try {
    const { uncommittedBlocks = [] } = await blob.getBlockList('uncommitted', { abortSignal });
    return new Map(uncommittedBlocks.map(({ name, size }) => [name, size]));
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) {
      return new Map();
    }
    throw error;
  }
}

function checkHash({ path, sha256 }: HashedFile, found: string): void {
  if (found !== sha256) {
    throw new AzuremlError(
      'CONTENT_CHANGED',
      `The file ${path} changed while it was uploaded, and was not stored. Do it again when nothing writes to it.`,
      { retryable: true, details: { path } },
    );
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* blocksOf(file: HashedFile): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of Readable.from(file.open())) {
    let rest = piece as Uint8Array;
    while (length + rest.length >= BLOCK_BYTES) {
      const taken = BLOCK_BYTES - length;
      yield Buffer.concat([...held, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      held = [];
      length = 0;
    }
    if (rest.length > 0) {
      held.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) {
    yield Buffer.concat(held);
  }
}

async function allOf(file: HashedFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.open()) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
