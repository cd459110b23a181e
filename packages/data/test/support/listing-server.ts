import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A container that exists as a list of names only, and counts how often it is asked for them. */
export interface ListingServer {
  /** Connection string of its account. */
  readonly connectionString: string;
  /** Prefix and delimiter of each request, and the names of its answer. */
  readonly requests: { readonly prefix: string; readonly delimiter: string; readonly names: number }[];
  /** Ends it. */
  close(): Promise<void>;
}

/** Names in one answer, as the service has it. */
const PAGE = 5_000;

/**
 * Serves List Blobs for names that stand nowhere: making tens of thousands of blobs would take minutes.
 *
 * Source: Blob service REST API, List Blobs.
 */
export async function startListingServer(blobs: readonly string[]): Promise<ListingServer> {
  const sorted = blobs.toSorted((a, b) => (a < b ? -1 : 1));
  const requests: ListingServer['requests'] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://127.0.0.1').searchParams;
    if (query.get('comp') !== 'list') {
      response.writeHead(400).end();
      return;
    }
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
    const most = Number(query.get('maxresults') ?? PAGE);
    const all = entriesOf(sorted, prefix, delimiter);
    const start = Number(query.get('marker') || 0);
    const page = all.slice(start, start + most);
    requests.push({ prefix, delimiter, names: page.length });
    const next = start + most < all.length ? String(start + most) : '';
    const items = page.map((name) =>
      name.endsWith('/')
        ? `<BlobPrefix><Name>${name}</Name></BlobPrefix>`
        : `<Blob><Name>${name}</Name><Properties><Last-Modified>Fri, 02 Jan 2026 00:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>100</Content-Length><BlobType>AppendBlob</BlobType></Properties></Blob>`,
    );
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1/" ContainerName="modeldata"><Prefix>${prefix}</Prefix><MaxResults>${most}</MaxResults><Blobs>${items.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fleet`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=fleet;AccountKey=a2V5;BlobEndpoint=${url};`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Names below a prefix; with a delimiter those behind it are told as one, as folders are. */
function entriesOf(sorted: readonly string[], prefix: string, delimiter: string): string[] {
  const names = sorted.filter((name) => name.startsWith(prefix));
  if (delimiter === '') {
    return names;
  }
  const entries = names.map((name) => {
    const end = name.indexOf(delimiter, prefix.length);
    return end === -1 ? name : name.slice(0, end + delimiter.length);
  });
  return [...new Set(entries)];
}

/** Names of the files of a stream: so many a day, of different instances, for so many days. */
export function fleetNames(root: string, options: { from: string; days: number; perDay: number }): string[] {
  return Array.from({ length: options.days }, (_, day) => {
    const date = new Date(Date.parse(options.from) + day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
    return Array.from({ length: options.perDay }, (_, index) => `${root}/${date}/data-rpod${index}.csv`);
  }).flat();
}
