import type { OnlineEndpointState } from './stand-in-types.ts';

/** Answers what it was sent. @internal */
export const echoScore: OnlineEndpointState['score'] = ({ body, headers }) => ({
  body,
  headers: { 'content-type': headers['content-type'] ?? 'application/json' },
});
