import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that sends whatever bytes it is told to. */
export interface RawServer extends AsyncDisposable {
  readonly url: URL;
  /** Connections that were made so far. */
  readonly sockets: readonly Socket[];
  /** What came over each of them. */
  readonly received: readonly string[];
}

/** @param onRequest Called when the head and body of a request are there, with its number on its connection. */
export async function startRawServer(onRequest: (socket: Socket, number: number) => void): Promise<RawServer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    const index = sockets.push(socket) - 1;
    received.push('');
    let count = 0;
    let unread = '';
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => {
      received[index] += text;
      unread += text;
      for (let length = lengthOf(unread); length !== undefined && unread.length >= length; length = lengthOf(unread)) {
        unread = unread.slice(length);
        count += 1;
        onRequest(socket, count);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/v2.1/track?a=b%20c`),
    sockets,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

/** Characters of the first request, once its head is there. */
function lengthOf(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  const [, length = '0'] = /\r\ncontent-length: (\d+)\r\n/.exec(text) ?? [];
  return end === -1 ? undefined : end + 4 + Number(length);
}
