// Makes collectors while every way to the file system, the network and other processes is watched; prints what they used.
import { createHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';

const used: string[] = [];
const watched = {
  fs,
  'fs/promises': fs.promises,
  net,
  tls,
  http,
  https,
  dns,
  'dns/promises': dns.promises,
  childProcess,
};
for (const [name, holder] of Object.entries(watched) as [string, Record<string, unknown>][]) {
  for (const [key, value] of Object.entries(holder)) {
    // Classes are told by their capital letter; what they do comes through the hook below.
    if (typeof value === 'function' && !/^[A-Z_]/.test(key)) {
      holder[key] = function (this: unknown, ...args: unknown[]) {
        used.push(`${name}.${key}`);
        return value.apply(this, args);
      };
    }
  }
}
syncBuiltinESMExports();
// What goes past the public functions: requests to the file system, sockets, look-ups of names, processes.
const hook = createHook({
  init(_, type) {
    // Timers, random numbers and listeners of signals are no way out.
    if (!/^(PROMISE|Timeout|Immediate|TickObject|Microtask|AsyncResource|RANDOMBYTESREQUEST|SIGNALWRAP)$/.test(type)) {
      used.push(type);
    }
  },
});

const [options] = process.argv.slice(2);
const given = JSON.parse(options ?? '') as ModelDataCollectorOptions[];
hook.enable();
const collectors = given.map((one) => new ModelDataCollector('best_model', one));
hook.disable();
const inConstructor = [...used];

// The proof can fail: what follows is seen.
hook.enable();
used.length = 0;
for (const collector of collectors) {
  collector.collect([1]);
}
await Promise.allSettled(collectors.map((collector) => collector.close({ timeoutMs: 100 })));
hook.disable();
process.stdout.write(JSON.stringify({ inConstructor, afterwards: [...new Set(used)] }));
process.exit(0);
