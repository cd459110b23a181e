import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The least that a server of one's own does: node:http, the body, a sum, an answer.
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { data } = JSON.parse(Buffer.concat(parts).toString()) as { readonly data: readonly number[] };
    const body = JSON.stringify({ sum: data.reduce((sum, value) => sum + value, 0) });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
