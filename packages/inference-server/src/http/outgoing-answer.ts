import type { IncomingMessage, OutgoingHttpHeader } from 'node:http';
import { http } from './node-http.ts';

/** Writes the first line and the headers; every Node has had it, but it is not documented. */
type StoreHeader = (firstLine: string, headers: unknown) => void;

const base = http.ServerResponse.prototype as unknown as { readonly _storeHeader?: StoreHeader };

/**
 * Node's response, whose head may begin with lines that are known to be valid. Node looks at each character of each header,
 * which takes as long as all that the server itself does for a small request.
 */
export class OutgoingAnswer<R extends IncomingMessage = IncomingMessage> extends http.ServerResponse<R> {
  #lines = '';

  static {
    if (base._storeHeader !== undefined) {
      const own: StoreHeader = function (this: OutgoingAnswer, firstLine, headers) {
        base._storeHeader?.call(this, firstLine + this.#lines, headers);
      };
      Object.defineProperty(OutgoingAnswer.prototype, '_storeHeader', { value: own });
    }
  }

  /**
   * As `writeHead`.
   *
   * @param status HTTP status.
   * @param lines Headers as they are sent, each with its line end; none of those that tell how the answer is sent.
   * @param headers More headers: names and values in turn.
   */
  writeHeadWith(status: number, lines: string, headers: OutgoingHttpHeader[]): void {
    if (base._storeHeader === undefined) {
      this.writeHead(status, [...pairsOf(lines), ...headers]);
    } else {
      this.#lines = lines;
      this.writeHead(status, headers);
    }
  }
}

function pairsOf(lines: string): string[] {
  return lines
    .split('\r\n')
    .slice(0, -1)
    .flatMap((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]);
}
