import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/** A body as it came and as it was meant. @internal */
export interface ReceivedBody {
  /** As it came over the wire. */
  readonly wire: Buffer;
  /** The text, or the reason why there is none. */
  readonly text: string | undefined;
  readonly fault?: string;
}

/** Reads a request body to its end and unpacks it. @internal */
export async function readBody(request: IncomingMessage): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const wire = Buffer.concat(chunks);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  try {
    return { wire, text: (await unpack(wire, encoding)).toString('utf8') };
  } catch (error) {
    return { wire, text: undefined, fault: (error as Error).message };
  }
}

async function unpack(wire: Buffer, encoding: string): Promise<Buffer> {
  switch (encoding) {
    case 'identity':
      return wire;
    case 'gzip':
      return await gunzipAsync(wire);
    case 'deflate':
      return await inflateAsync(wire);
    default:
      throw new Error(`content-encoding ${encoding} is not supported`);
  }
}
