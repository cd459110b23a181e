import { delivery } from './server-parts/delivery.ts';
import { ingestionOutage } from './server-parts/ingestion-outage.ts';
import { latency } from './server-parts/latency.ts';
import type { ServerPart } from './server-parts/part.ts';
import { rates } from './server-parts/rates.ts';
import { start } from './server-parts/start.ts';
import type { Bench } from './support/bench.ts';
import type { Figure } from './support/figure.ts';

const PARTS: readonly ServerPart[] = [rates, latency, delivery, ingestionOutage, start];

/** What serving and telemetry cost. */
export const server: Bench = {
  name: 'server',
  title: 'The inference server and its telemetry',
  about:
    'Each server has a process of its own, sums up ten numbers that come as JSON, and sends its telemetry to a stand-in for Application Insights that answers at once and reads what came when the load is over: a request item and a trace with both bodies for each request. The load comes from another process over 32 connections that send the next request as soon as they have their answer; it reads sockets directly, since a client of node:http takes more of the processor than the servers do. Where it is short of processor itself, as it is with a new connection for each request on two cores, the processor time that a request costs the server says more than the rate. A server that tells something is asked to end when the load does, and its rate is that of all requests until its last item has arrived: what only waits is not done. The package applicationinsights is given queues that are never full, as it would drop most items else. Ours writes its access log, where it is not said otherwise; the others write none.',
  async run({ progress }) {
    const figures: Figure[] = [];
    const remarks: string[] = [];
    for (const part of PARTS) {
      const outcome = await part(progress);
      figures.push(...outcome.figures);
      remarks.push(...outcome.remarks);
    }
    return { figures, remarks };
  },
};
