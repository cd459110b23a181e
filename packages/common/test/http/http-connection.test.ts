import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HttpConnection } from '../../src/index.ts';

const SOURCE = pathToFileURL(join(__dirname, '..', '..', 'src', 'http', 'http-connection.ts')).href;
const HEAD = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi';
const NOTHING = Buffer.alloc(0);

describe('HttpConnection', () => {
  let server: Server;
  let sockets: Socket[];

  beforeEach(async () => {
    sockets = [];
    server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
    await once(server, 'close');
  });

  const port = () => (server.address() as AddressInfo).port;

  /** A process that sends a request and says what came of it; `undefined` is printed by none. */
  async function runProgram(keepsAlive: boolean, onConnection: (socket: Socket) => void): Promise<string> {
    const program = `
      import { HttpConnection } from ${JSON.stringify(SOURCE)};
      const connection = new HttpConnection({ host: '127.0.0.1', port: ${port()}, keepsAlive: ${keepsAlive} });
      const answer = connection.send(${JSON.stringify(HEAD)}, Buffer.alloc(0), new AbortController().signal);
      answer.then(({ text }) => console.log(text));
    `;
    server.on('connection', onConnection);
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await once(child, 'close');
    return stdout;
  }

  it('keeps the process alive up to the answer when it is to, and not while it rests', async () => {
    const answerLater = (socket: Socket) => void setImmediate(() => socket.write(OK));

    expect(await runProgram(true, answerLater)).toBe('hi\n');
  });

  it('does not keep the process alive otherwise', async () => {
    expect(await runProgram(false, () => undefined)).toBe('');
  });

  it('is not usable while a request is under way, and is again afterwards', async () => {
    const connection = new HttpConnection({ host: '127.0.0.1', port: port() });
    const answer = connection.send(HEAD, NOTHING, new AbortController().signal);
    expect(connection.isUsable).toBe(false);
    await once(server, 'connection');
    sockets[0]?.write(OK);

    expect(await answer).toMatchObject({ status: 200, text: 'hi' });
    expect(connection.isUsable).toBe(true);
    connection.close();
    expect(connection.isUsable).toBe(false);
    await expect(connection.send(HEAD, NOTHING, new AbortController().signal)).rejects.toThrow('ended before');
  });
});
