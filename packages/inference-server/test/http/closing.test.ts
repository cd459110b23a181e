import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { running } from '../running.ts';

const REQUEST = 'POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n"a"';

/** A client that keeps its connection, and all that has come over it. */
class Client {
  readonly socket: Socket;
  text = '';
  readonly ended: Promise<string>;

  constructor(port: number, isHalfOpen = false) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: isHalfOpen });
    this.socket.on('data', (chunk) => {
      this.text += chunk;
    });
    this.ended = new Promise((resolve) => {
      this.socket.once('end', () => resolve('ended'));
      this.socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  }

  get answers(): number {
    return this.text.split('HTTP/1.1 200').length - 1;
  }

  async ask(): Promise<void> {
    const before = this.answers;
    this.socket.write(REQUEST);
    while (this.answers === before) {
      await once(this.socket, 'data');
    }
  }
}

/** Keeps the event loop from reading anything. */
function block(durationMs: number): void {
  const end = performance.now() + durationMs;
  while (performance.now() < end);
}

describe('a server that closes', () => {
  it('answers the requests that have arrived on connections that are kept alive', async () => {
    const { server } = await running((rawData) => rawData);
    const clients = Array.from({ length: 30 }, () => new Client(server.port));
    await Promise.all(clients.map((client) => client.ask()));
    for (const client of clients) {
      client.socket.write(REQUEST);
    }
    block(50);
    await server.close();
    expect(await Promise.all(clients.map(({ ended }) => ended))).toEqual(clients.map(() => 'ended'));
    expect(clients.map(({ answers }) => answers)).toEqual(clients.map(() => 2));
    expect(clients.every(({ text }) => /connection: close/i.test(text))).toBe(true);
  });

  it('answers those of connections that wait to be accepted', async () => {
    const { server } = await running((rawData) => rawData);
    const clients = Array.from({ length: 200 }, () => new Client(server.port));
    for (const client of clients) {
      client.socket.write(REQUEST);
    }
    await server.close();
    expect(await Promise.all(clients.map(({ ended }) => ended))).toEqual(clients.map(() => 'ended'));
    expect(clients.map(({ answers }) => answers)).toEqual(clients.map(() => 1));
  });

  it('answers a request that comes after the close has begun, even when the program is busy meanwhile', async () => {
    const { server } = await running((rawData) => rawData);
    const client = new Client(server.port);
    await client.ask();
    const closing = server.close();
    // Longer than an idle connection is kept.
    setTimeout(() => {
      client.socket.write(REQUEST);
      block(300);
    }, 20);
    await closing;
    expect([await client.ended, client.answers]).toEqual(['ended', 2]);
  });

  it('ends idle connections without a reset, and does not wait for clients that keep their side open', async () => {
    const { server, lines } = await running((rawData) => rawData);
    const idle = new Client(server.port);
    await idle.ask();
    const open = new Client(server.port, true);
    await open.ask();
    const half = new Client(server.port);
    half.socket.write('POST /score HTTP/1.1\r\nhost');
    await once(half.socket, 'connect');
    await server.close({ timeoutMs: 60_000 });
    expect(await Promise.all([idle.ended, open.ended, half.ended])).toEqual(['ended', 'ended', 'ended']);
    expect(lines.filter((line) => line.includes('cut'))).toEqual([]);
    for (const { socket } of [idle, open, half]) socket.destroy();
  });

  it('does not begin what comes after it has ended the connection', async () => {
    let calls = 0;
    const { server } = await running(() => ++calls);
    const client = new Client(server.port, true);
    await client.ask();
    client.socket.once('end', () => client.socket.write(REQUEST));
    await server.close();
    await client.ended;
    expect(calls).toBe(1);
    client.socket.destroy();
  });
});
