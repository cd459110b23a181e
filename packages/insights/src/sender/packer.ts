import type { Gzip, ZlibReset } from 'node:zlib';
import { nodeZlib } from '../node-modules.ts';

/** Items are so alike that the fastest level packs them as small as the default one does, which takes 14 times as long. */
const LEVEL = 1;
/** More than most bodies are when they are packed. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Packs bodies one after the other, all with one compressor. A new one each time would take some hundred kilobytes outside
 * of the heap, after a few of which V8 collects all of the heap.
 *
 * @internal
 */
export class Packer {
  #gzip: Gzip | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param body Must stay as it is until it is packed. */
  pack(body: Buffer): Promise<Buffer> {
    const packed = this.#last.then(() => this.#pack(body));
    this.#last = packed.catch(() => undefined);
    return packed;
  }

  /** Frees the compressor; it is made anew when it is needed. */
  close(): void {
    this.#gzip?.close();
    this.#gzip = undefined;
  }

  #pack(body: Buffer): Promise<Buffer> {
    const { constants, createGzip } = nodeZlib();
    const gzip = this.#gzip ?? createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES });
    this.#gzip = gzip;
    const parts: Buffer[] = [];
    const take = (part: Buffer) => parts.push(part);
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    gzip.on('data', take).once('error', reject).once('close', reject);
    (gzip as Gzip & ZlibReset).reset();
    gzip.write(body);
    gzip.flush(constants.Z_FINISH, () => {
      const [only] = parts;
      resolve(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
    });
    return promise.finally(() => {
      gzip.off('data', take).off('error', reject).off('close', reject);
      if (gzip.destroyed) {
        this.#gzip = undefined;
      }
    });
  }
}
