import { traceContext } from '../../src/http/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceContext', () => {
  it.each([`00-${TRACE}-${SPAN}-01`, ` 00-${TRACE}-${SPAN}-00 `, `01-${TRACE}-${SPAN}-01-more`])(
    'continues %p',
    (header) => {
      expect(traceContext(header)).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
    },
  );

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
  ])('starts a new trace for %p', (header) => {
    const { traceId, parentSpanId } = traceContext(header);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceId).not.toBe(TRACE);
    expect(parentSpanId).toBeUndefined();
  });
});
