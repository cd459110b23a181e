import { type FileHandle, open, rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';

const HEAD_BYTES = 4;

/** A file that things are put aside in, and read back from in their order. */
export class SpoolFile {
  readonly #path: string;
  #writer: FileHandle | undefined;

  /** @param path Where it will be. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Adds some things; they are read back together, so they should be few. */
  async append(items: readonly unknown[]): Promise<void> {
    this.#writer ??= await open(this.#path, 'wx', 0o600);
    const body = serialize(items);
    const block = Buffer.allocUnsafe(HEAD_BYTES + body.length);
    block.writeUInt32LE(body.length, 0);
    body.copy(block, HEAD_BYTES);
    await this.#writer.writeFile(block);
  }

  /** Says that nothing comes any more. */
  async finish(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }

  /** Reads everything back, some things at a time. */
  async *read<T>(): AsyncGenerator<T[], void, undefined> {
    const reader = await open(this.#path, 'r');
    try {
      for (;;) {
        const head = await readExactly(reader, HEAD_BYTES);
        if (head === undefined) {
          return;
        }
        const body = await readExactly(reader, head.readUInt32LE(0));
        if (body === undefined) {
          throw new Error(`${this.#path} ends early`);
        }
        yield deserialize(body) as T[];
      }
    } finally {
      await reader.close();
    }
  }

  /** Removes the file. */
  async remove(): Promise<void> {
    await this.finish();
    await rm(this.#path, { force: true });
  }
}

async function readExactly(reader: FileHandle, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await reader.read(bytes, done, length - done);
    if (bytesRead === 0) {
      return undefined;
    }
    done += bytesRead;
  }
  return bytes;
}
