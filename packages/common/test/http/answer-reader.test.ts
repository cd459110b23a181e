import fc from 'fast-check';
import { AnswerReader } from '../../src/http/answer-reader.ts';

/** Reads an answer in one go. */
function read(text: string): AnswerReader {
  const reader = new AnswerReader();
  reader.read(Buffer.from(text, 'latin1'));
  return reader;
}

const head = (...lines: readonly string[]) => [...lines, '', ''].join('\r\n');

describe('AnswerReader', () => {
  it('reads status, headers and a body of the length that is said', () => {
    const reader = read(
      `${head('HTTP/1.1 429 Too Many Requests', 'Retry-After:  7 ', 'LOCATION: /x', 'Content-Length: 2')}{}`,
    );

    expect(reader.answer).toEqual({ status: 429, retryAfter: '7', location: '/x', text: '{}' });
    expect(reader.keptMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('reads a body in parts, with what may stand behind their sizes and behind the last', () => {
    const parts = '3;a=b\r\n{"a\r\nA \r\n":[1,2,3]}\r\n000\r\nx: y\r\n\r\n';

    expect(read(`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, Chunked')}${parts}`).answer.text).toBe(
      '{"a":[1,2,3]}',
    );
  });

  it('reads a body up to the end of the connection, which is not kept then', () => {
    const reader = read(`${head('HTTP/1.1 200 OK')}{"a":`);
    expect(reader.read(Buffer.from('1}'))).toBe(false);

    expect(reader.end()).toBe(true);
    expect(reader.answer.text).toBe('{"a":1}');
    expect(reader.keptMs).toBe(0);
  });

  it.each([
    ['204', head('HTTP/1.1 204 No Content', 'content-length: 5')],
    ['304', head('HTTP/1.1 304 Not Modified')],
    ['a length of nothing', head('HTTP/1.1 200 OK', 'content-length: 0')],
  ])('needs nothing more behind %s', (_, text) => {
    const reader = new AnswerReader();

    expect(reader.read(Buffer.from(text))).toBe(true);
    expect(reader.answer.text).toBe('');
  });

  it('waits behind interim answers for the one that counts', () => {
    const interim = head('HTTP/1.1 100 Continue') + head('HTTP/1.1 103 Early Hints', 'link: x');
    const reader = new AnswerReader();

    expect(reader.read(Buffer.from(interim))).toBe(false);
    expect(reader.read(Buffer.from(head('HTTP/1.1 200 OK', 'content-length: 0')))).toBe(true);
    expect(reader.answer.status).toBe(200);
  });

  it.each([
    ['what the other side says', ['keep-alive: timeout=5, max=3'], 5_000],
    ['for ever when nothing is said', [], Number.POSITIVE_INFINITY],
    ['not when it closes', ['Connection: Close'], 0],
    ['not when it closes, among other words', ['connection: x, close'], 0],
  ])('keeps the connection %s', (_, lines, keptMs) => {
    expect(read(head('HTTP/1.1 200 OK', 'content-length: 0', ...lines)).keptMs).toBe(keptMs);
  });

  it('keeps a connection of HTTP/1.0 only when that is said', () => {
    expect(read(head('HTTP/1.0 200 OK', 'content-length: 0')).keptMs).toBe(0);
    expect(read(head('HTTP/1.0 200 OK', 'content-length: 0', 'connection: keep-alive')).keptMs).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('does not keep a connection on which more comes than the answer', () => {
    expect(read(`${head('HTTP/1.1 200 OK', 'content-length: 0')}HTTP/1.1 200 OK`).keptMs).toBe(0);
  });

  it('keeps a megabyte of a text, and reads over the rest', () => {
    const body = 'x'.repeat(3 * 1024 * 1024);
    const reader = new AnswerReader();
    reader.read(Buffer.from(head('HTTP/1.1 200 OK', `content-length: ${body.length}`)));

    expect(reader.read(Buffer.from(body))).toBe(true);
    expect(reader.answer.text).toHaveLength(1024 * 1024);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/2', head('HTTP/2 200 OK'), 'not HTTP/1.1'],
    ['a status that is none', head('HTTP/1.1 2000 OK'), 'not HTTP/1.1'],
    ['a change of protocol', head('HTTP/1.1 101 Switching', 'upgrade: h2c'), 'protocol'],
    ['a header without a name', head('HTTP/1.1 200 OK', ': x'), 'header'],
    ['a header that goes on in the next line', head('HTTP/1.1 200 OK', 'a: b', ' c: d'), 'header'],
    ['two lengths', head('HTTP/1.1 200 OK', 'content-length: 1', 'content-length: 2'), 'length'],
    ['a negative length', head('HTTP/1.1 200 OK', 'content-length: -1'), 'length'],
    ['a part without a size', `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}x\r\n`, 'size'],
    [
      'a part that is longer than it says',
      `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}1\r\nab\r\n`,
      'longer',
    ],
    ['a head without an end', `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}`, 'too long'],
    [
      'trailers without an end',
      `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}0\r\n${`a: ${'x'.repeat(8_000)}\r\n`.repeat(9)}`,
      'never ends',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('reads the same however the bytes are cut', () => {
    const body = fc.string({ unit: 'binary', maxLength: 60 });
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(body, cuts, fc.boolean(), (text, sizes, isChunked) => {
        const bytes = Buffer.from(text);
        const parts = pieces(bytes, sizes).map((part) =>
          Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
        );
        const raw = isChunked
          ? Buffer.concat([
              Buffer.from(head('HTTP/1.1 206 Some', 'transfer-encoding: chunked')),
              ...parts,
              Buffer.from('0\r\n\r\n'),
            ])
          : Buffer.concat([Buffer.from(head('HTTP/1.1 206 Some', `content-length: ${bytes.length}`)), bytes]);
        const reader = new AnswerReader();
        const wholes = pieces(raw, sizes).map((piece) => reader.read(piece));

        expect(wholes.indexOf(true)).toBe(wholes.length - 1);
        expect(reader.answer).toMatchObject({ status: 206, text: bytes.toString() });
        expect(reader.keptMs).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

/** Cuts bytes into pieces of these sizes, again and again. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[all.length % sizes.length] ?? 1;
    all.push(bytes.subarray(at, at + size));
    at += size;
  }
  return all;
}
