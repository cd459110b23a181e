import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { IdleConnections, LOOK_MS } from '../../src/http/idle-connections.ts';

describe('a connection that lives on', () => {
  let server: Server;
  let client: Socket;
  let socket: Socket;
  const running = new Set<IncomingMessage>();

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [socket] = await once(server, 'connection');
    running.clear();
  });

  afterEach(async () => {
    client.destroy();
    socket.destroy();
    server.close();
    await once(server, 'close');
  });

  /** How often it is looked at until it is closed, at most 50 times. */
  function looks(idle: IdleConnections, onLook: () => void = () => undefined): number {
    for (let count = 1; count <= 50; count++) {
      onLook();
      idle.look();
      if (socket.destroyed) {
        return count;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  async function answered(): Promise<void> {
    socket.resume().write('answer');
    await once(client, 'data');
  }

  async function asks(): Promise<void> {
    const before = socket.bytesRead;
    client.write('request');
    while (socket.bytesRead === before) {
      await once(socket, 'data');
    }
  }

  it('is closed when it has been idle for as long as it was promised, and not much longer', async () => {
    await answered();
    const seconds = (looks(new IdleConnections([socket], running, 65_000)) * LOOK_MS) / 1000;
    // The first look is up to 5 s after it was opened.
    expect(seconds).toBeGreaterThanOrEqual(65 + 5);
    expect(seconds).toBeLessThanOrEqual(65 + 15);
  });

  it('is kept while a request runs, and counts as idle from then on', async () => {
    await answered();
    const idle = new IdleConnections([socket], running, 10_000);
    running.add({ socket } as IncomingMessage);
    expect(looks(idle)).toBe(Number.POSITIVE_INFINITY);
    running.clear();
    expect(looks(idle)).toBe(3);
  });

  it('is kept when something comes in', async () => {
    await answered();
    const idle = new IdleConnections([socket], running, 10_000);
    idle.look();
    idle.look();
    idle.look();
    await asks();
    expect(looks(idle)).toBe(4);
  });

  it('is none of its business before the first answer', () => {
    expect(looks(new IdleConnections([socket], running, 10_000))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is watched by the system from the second look on, once', () => {
    const probed = jest.spyOn(socket, 'setKeepAlive');
    const idle = new IdleConnections([socket], running, 65_000);
    idle.look();
    expect(probed).not.toHaveBeenCalled();
    idle.look();
    idle.look();
    expect(probed.mock.calls).toEqual([[true]]);
  });
});
