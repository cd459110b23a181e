import { type Answer, errorAnswer } from '../http/answer.ts';
import { announcesTooMuch, streamBody } from '../http/body.ts';
import { tooLargeAnswer } from './read-input.ts';
import type { ScoreCall } from './score.ts';

/** A request as `rawHttp` functions get it, or the answer to one that they cannot get. */
export type MadeRequest =
  | {
      readonly request: Request;
      /** What went wrong while the body was read. */
      readonly fault: () => Error | undefined;
    }
  | { readonly refusal: Answer };

/**
 * Makes a web `Request` of Node's.
 *
 * @param call The request.
 * @param maxBodyBytes Reading more of its body fails.
 */
export function webRequest({ request, response, method }: ScoreCall, maxBodyBytes: number): MadeRequest {
  if (announcesTooMuch(request, maxBodyBytes)) {
    return { refusal: tooLargeAnswer(maxBodyBytes) };
  }
  const target = request.url ?? '/';
  const isAbsolute = /^https?:\/\//i.test(target);
  const url = URL.parse(isAbsolute ? target : `http://${request.headers.host ?? 'localhost'}${target}`);
  if (url === null) {
    return { refusal: errorAnswer(400, 'The header host is not one of an address.') };
  }
  url.username = '';
  url.password = '';
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) {
      gone.abort(new Error('The client went away.'));
    }
  });
  let fault: Error | undefined;
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  // From the start: what comes before run() reads must not be missed.
  request.on('error', (error) => {
    fault ??= error;
    broken.reject(error);
  });
  const hasBody = method !== 'GET' && method !== 'HEAD';
  try {
    return {
      request: new Request(url, {
        method,
        headers: headersOf(request.rawHeaders),
        signal: gone.signal,
        ...(hasBody ? { body: body(), duplex: 'half' } : {}),
      }),
      fault: () => fault,
    };
  } catch {
    return { refusal: errorAnswer(400, 'The request has a method or headers that cannot be handed on.') };
  }

  function body(): ReadableStream<Uint8Array> {
    const chunks = streamBody(request, maxBodyBytes);
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const next = await Promise.race([chunks.next(), broken.promise]);
            if (next.done === true) {
              controller.close();
            } else {
              controller.enqueue(next.value);
            }
          } catch (error) {
            fault ??= error as Error;
            controller.error(error);
          }
        },
        async cancel() {
          await chunks.return(undefined);
        },
      },
      // Nothing is read before run() asks for it.
      { highWaterMark: 0 },
    );
  }
}

function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string);
  }
  return headers;
}
