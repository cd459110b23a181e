import { randomUUID } from 'node:crypto';

/** Id of the block that holds the header: that of the Python package. */
export const HEADER_BLOCK = blockId('00000000-0000-0000-0000-000000000000');

/** Id of a block of rows, as the Python package makes them; the service wants one length for all blocks of a blob. */
export function newBlockId(): string {
  return blockId(randomUUID());
}

function blockId(uuid: string): string {
  return Buffer.from(uuid).toString('base64');
}
