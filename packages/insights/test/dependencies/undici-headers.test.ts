import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { runWithRequest } from '@azureml-ts/common';
import { addTraceHeaders, headerOf, type UndiciRequest } from '../../src/dependencies/undici-headers.ts';
import { Bench } from '../support.ts';
import { Backend } from './backend.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REQUEST = { requestId: 'r-1', traceId: TRACE, spanId: SPAN };
const theirs = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('an instrumentation of fetch that adds its header without looking', () => {
  let bench: Bench;
  let backend: Backend;
  const adding = (message: unknown) => (message as { request: UndiciRequest }).request.addHeader('traceparent', theirs);

  beforeEach(async () => {
    bench = await Bench.open();
    backend = await Backend.start();
  });

  afterEach(async () => {
    unsubscribe('undici:request:create', adding);
    await backend.close();
    await bench.close();
  });

  it.each(['before', 'after'])(
    'and hears of the call %s us leaves one header, and its span is the item',
    async (when) => {
      if (when === 'before') {
        subscribe('undici:request:create', adding);
      }
      bench.start({ flushIntervalMs: 0 });
      if (when === 'after') {
        subscribe('undici:request:create', adding);
      }

      await runWithRequest(REQUEST, async () => (await fetch(backend.url)).text());

      const [item] = await bench.standIn.waitFor((items) => items.length > 0);
      const { rawHeaders = [] } = backend.seen[0] ?? {};
      expect(rawHeaders.filter((_, index) => /^traceparent$/i.test(rawHeaders[index - 1] ?? ''))).toEqual([theirs]);
      expect(item?.data['id']).toBe('00f067aa0ba902b7');
    },
  );
});

describe('headers of older releases of undici', () => {
  it('are one text, which is read and added to', () => {
    const request: UndiciRequest = {
      origin: 'http://a',
      path: '/',
      headers: 'X-A: 1\r\nTraceState: b=2\r\n',
      addHeader(name, value) {
        request.headers += `${name}: ${value}\r\n`;
      },
    };

    addTraceHeaders(request, { traceparent: theirs, tracestate: 'a=1' }, () => undefined);

    expect(request.headers).toBe(`X-A: 1\r\nTraceState: b=2\r\ntraceparent: ${theirs}\r\n`);
    expect(headerOf(request, 'traceparent')).toBe(theirs);
  });
});
