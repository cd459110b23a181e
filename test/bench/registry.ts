import { collect } from './collect.ts';
import { encode } from './encode.ts';
import { footprint } from './footprint.ts';
import { journal } from './journal.ts';
import { listing } from './listing.ts';
import { memory } from './memory.ts';
import { outage } from './outage.ts';
import { parquet } from './parquet.ts';
import { pipeline } from './pipeline.ts';
import { python } from './python.ts';
import { reading } from './reading.ts';
import { records } from './records.ts';
import { server } from './server.ts';
import { services } from './services.ts';
import { steady } from './steady.ts';
import type { Bench } from './support/bench.ts';

/** All benches in the order of their running and of the page; a new one is a file beside this one and a line here. */
export const BENCHES: readonly Bench[] = [
  collect,
  pipeline,
  encode,
  steady,
  memory,
  outage,
  journal,
  python,
  records,
  footprint,
  listing,
  parquet,
  reading,
  services,
  server,
];
