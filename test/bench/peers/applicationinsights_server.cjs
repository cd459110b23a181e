// The same server with the package applicationinsights: a request item by its instrumentation of node:http, and one trace
// with the bodies. It has to be started before node:http is loaded.
const dns = require('node:dns');
const net = require('node:net');

// It looks for a metadata service and for settings outside of the machine.
const isLoopback = (host) => /^(127\.|localhost$|::1$)/.test(host ?? 'localhost');
const { lookup } = dns;
dns.lookup = (host, ...rest) =>
  isLoopback(host) ? lookup(host, ...rest) : rest.at(-1)(new Error(`${host} is not loopback`));
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options?.path === undefined && !isLoopback(options?.host)) {
    process.nextTick(() => this.destroy(new Error(`${options.host} is not loopback`)));
    return this;
  }
  return connect.apply(this, args);
};

const { join } = require('node:path');
const { createRequire } = require('node:module');
const requireFrom = createRequire(join(__dirname, '..', '..', '..', 'packages', 'insights', 'package.json'));
const { flushAzureMonitor, useAzureMonitor } = requireFrom('applicationinsights');
const { packageOptions } = requireFrom('./test/fixtures/package-options.cjs');
useAzureMonitor({ ...packageOptions, samplingRatio: 1 });
// Its own client of version 2 goes over https only; this is what that makes of a trace.
const { logs } = require('@opentelemetry/api-logs');
const logger = logs.getLogger('server');
const http = require('node:http');

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const input = Buffer.concat(parts).toString();
    const body = JSON.stringify({ sum: JSON.parse(input).data.reduce((sum, value) => sum + value, 0) });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
    logger.emit({ body: 'model_data_collection', attributes: { Input: input, Prediction: body } });
  });
});
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.once('disconnect', () => process.exit(0));
// Of itself it would lose what waits.
process.once('SIGTERM', () => {
  flushAzureMonitor().finally(() => process.exit(0));
});
