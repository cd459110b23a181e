import { Readable } from 'node:stream';
import type { BlockBlobClient } from '@azure/storage-blob';
import type { ContentFile } from './content-file.ts';

/** Size of a block of a large file. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/** What became of a file. */
export interface FileUpload {
  /** Whether it was there already, whole. */
  readonly isSkipped: boolean;
  /** Bytes that were sent. */
  readonly sentBytes: number;
}

/**
 * Uploads a file to a path that no other content ever has: what is there already is not sent again, not even the blocks of
 * an upload that broke off.
 *
 * @param blob Where to.
 * @param file The file.
 * @param abortSignal Ends the upload; what was sent stays for the next time.
 * @param onBytes Is told of bytes that were sent.
 */
export async function uploadFile(
  blob: BlockBlobClient,
  file: ContentFile,
  abortSignal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<FileUpload> {
  try {
    const { contentLength } = await blob.getProperties({ abortSignal });
    if (contentLength === file.size) {
      return { isSkipped: true, sentBytes: 0 };
    }
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) {
      throw error;
    }
  }
  if (file.size <= BLOCK_BYTES) {
    const bytes = await allOf(file);
    await blob.upload(bytes, bytes.length, { abortSignal });
    onBytes(bytes.length);
    return { isSkipped: false, sentBytes: bytes.length };
  }
  return { isSkipped: false, sentBytes: await uploadBlocks(blob, file, abortSignal, onBytes) };
}

async function uploadBlocks(
  blob: BlockBlobClient,
  file: ContentFile,
  abortSignal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const staged = await stagedBlocks(blob, abortSignal);
  const ids: string[] = [];
  let sent = 0;
  for await (const block of blocksOf(file)) {
    // The same number of digits in each, as the service wants it.
    const id = Buffer.from(String(ids.length).padStart(8, '0')).toString('base64');
    ids.push(id);
    if (staged.get(id) !== block.length) {
      await blob.stageBlock(id, block, block.length, { abortSignal });
      sent += block.length;
      onBytes(block.length);
    }
  }
  await blob.commitBlockList(ids, { abortSignal });
  return sent;
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

async function* blocksOf(file: ContentFile): AsyncGenerator<Buffer> {
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

async function allOf(file: ContentFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.open()) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
