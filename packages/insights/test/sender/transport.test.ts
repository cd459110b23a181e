import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Transport } from '../../src/sender/transport.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const never = new AbortController().signal;

describe('Transport', () => {
  let transport: Transport;

  beforeEach(() => {
    transport = new Transport(60_000);
  });

  afterEach(() => {
    transport.close();
  });

  const post = (server: RawServer, text = 'body', signal = never) =>
    transport.post(server.url, Buffer.from(text), signal);
  const answering = (answer: string) => startRawServer((socket) => void socket.write(answer));

  it('sends what a request needs, byte by byte, with a token if there is one', async () => {
    await using server = await answering(OK);

    await transport.post(server.url, Buffer.from([0, 0x80, 0xff]), never, 'a.b-c');

    expect(server.received).toEqual([
      [
        'POST /v2.1/track?a=b%20c HTTP/1.1',
        `host: ${server.url.host}`,
        'content-type: application/json',
        'content-encoding: gzip',
        'content-length: 3',
        'accept: application/json',
        'connection: keep-alive',
        'authorization: Bearer a.b-c',
        '',
        '\u0000\u0080\u00ff',
      ].join('\r\n'),
    ]);
  });

  it('sends no token that would end its line', async () => {
    await using server = await answering(OK);

    await expect(transport.post(server.url, Buffer.from('a'), never, 'a\r\nx: y')).rejects.toThrow('the token has');
    expect(server.sockets).toEqual([]);
  });

  it('sends one request after the other over one connection, and those side by side over others', async () => {
    await using server = await answering(OK);

    await post(server);
    await post(server);
    expect(server.sockets).toHaveLength(1);
    await Promise.all([post(server), post(server), post(server)]);
    expect(server.sockets).toHaveLength(3);
    await Promise.all([post(server), post(server), post(server)]);
    expect(server.sockets).toHaveLength(3);
  });

  it.each([
    ['it closes it', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'],
    ['it is to close right afterwards', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=1\r\n\r\n'],
    ['more comes than an answer', `${OK}${OK}`],
  ])('uses a connection once when the service says that %s', async (_, answer) => {
    await using server = await answering(answer);

    await post(server);
    await post(server);

    expect(server.sockets).toHaveLength(2);
  });

  it('uses a connection once when something comes over it that nobody asked for', async () => {
    await using server = await answering(OK);
    await post(server);
    const [socket] = server.sockets as [Socket];
    socket.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
    await once(socket, 'close');

    expect(await post(server)).toMatchObject({ status: 200 });
    expect(server.sockets).toHaveLength(2);
  });

  it('sends again, once and over a new connection, when the one that rested is closed at that moment', async () => {
    await using server = await startRawServer((socket, number) => {
      if (number === 1) {
        socket.write(OK);
      } else {
        socket.resetAndDestroy();
      }
    });
    await post(server);

    expect(await post(server, 'second')).toMatchObject({ status: 200 });
    expect(
      server.received.map((text) =>
        text
          .split('\r\n\r\n')
          .slice(1)
          .map((part) => part.slice(0, 6)),
      ),
    ).toEqual([['bodyPO', 'second'], ['second']]);
  });

  it.each([
    ['a new connection', (socket: Socket) => void socket.destroy(), 1],
    ['a new connection, after a part of the answer', (socket: Socket) => void socket.end(OK.slice(0, -1)), 1],
    [
      'a connection that rested, after a part of the answer',
      (socket: Socket, number: number) => void (number === 1 ? socket.write(OK) : socket.end(OK.slice(0, 8))),
      2,
    ],
  ])('does not send again when %s ends', async (_, onRequest, requests) => {
    await using server = await startRawServer(onRequest);
    for (let sent = 1; sent < requests; sent++) {
      await post(server);
    }

    await expect(post(server)).rejects.toThrow('the connection ended before the answer');
    expect(server.sockets).toHaveLength(1);
  });

  it('takes an answer that comes before the service has read all, and the connection is not used again', async () => {
    const isAnswered = Promise.withResolvers<void>();
    const early = 'HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n';
    await using server = await startRawServer(() => undefined);
    const large = Buffer.alloc(32 * 1024 * 1024);
    const posted = transport.post(server.url, large, never);
    const answer = (socket: Socket) => {
      socket.pause();
      socket.write(early);
      isAnswered.resolve();
    };
    const watch = setInterval(() => server.sockets.slice(0, 1).forEach(answer), 5);
    await isAnswered.promise;
    clearInterval(watch);

    expect(await posted).toMatchObject({ status: 413 });
    const second = post(server);
    await until(() => server.sockets.length === 2);
    server.sockets[1]?.write(OK);
    expect(await second).toMatchObject({ status: 200 });
  });

  it('refuses what is no answer', async () => {
    await using server = await answering('220 smtp.example ESMTP\r\n\r\n');

    await expect(post(server)).rejects.toThrow('the answer is not HTTP/1.1');
  });

  it('gives up after its time, and with the reason of the signal, and closes the connection', async () => {
    const seen = Promise.withResolvers<void>();
    await using server = await startRawServer(() => seen.resolve());
    const ending = new AbortController();
    const posted = post(server, 'body', ending.signal);
    await seen.promise;
    const closed = once(server.sockets[0] as Socket, 'close');
    ending.abort(new Error('it is enough'));

    await expect(posted).rejects.toThrow('it is enough');
    await closed;
    await expect(new Transport(20).post(server.url, Buffer.from('a'), never)).rejects.toThrow('20 ms have passed');
    await expect(post(server, 'body', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('says why nobody could be reached', async () => {
    const server = await answering(OK);
    await server[Symbol.asyncDispose]();

    await expect(post(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes what rests, and what is still under way once that is answered', async () => {
    const held: Socket[] = [];
    await using server = await startRawServer((socket) => void held.push(socket));
    const [first, second] = [post(server), post(server)];
    await until(() => held.length === 2);
    const [rests, isBusy] = held as [Socket, Socket];
    rests.write(OK);
    await Promise.race([first, second]);
    transport.close();
    await until(() => rests.destroyed);
    expect(isBusy.destroyed).toBe(false);
    isBusy.write(OK);

    await expect(Promise.all([first, second])).resolves.toMatchObject([{ status: 200 }, { status: 200 }]);
    await until(() => isBusy.destroyed);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
