import fc from 'fast-check';
import { callAddress } from '../../src/dependencies/call-address.ts';
import { carriesTelemetry } from '../../src/dependencies/known-hosts.ts';
import { traceHosts } from '../../src/dependencies/trace-hosts.ts';

const at = (path: string, host = 'api.contoso.com') => callAddress({ protocol: 'https:', host, path });

describe('the address of a call', () => {
  it.each([
    ['/items', '/items'],
    ['/items/42/parts', '/items/{id}/parts'],
    ['/2026/01/02/data.csv', '/{id}/{id}/{id}/data.csv'],
    ['/users/3F2504E0-4F89-11D3-9A0C-0305E82C3301', '/users/{id}'],
    ['/blobs/deadbeef01', '/blobs/{id}'],
    ['/v1/models/gpt-4o', '/v1/models/gpt-4o'],
    ['/hooks/T0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '/hooks/{id}'],
    ['', '/'],
    ['?a=1', '/'],
    ['*', '*'],
    ['/1/2/3/4/a/b/c/d/e/f/g/h/i', '/{id}/{id}/{id}/{id}/a/b/c/d/e/f/g/...'],
  ])('has ids masked in its name: %s', (path, route) => {
    expect(at(path).route).toBe(route);
  });

  it.each([
    ['/a?code=s3cret&comp=list', 'https://api.contoso.com/a?code&comp'],
    ['/a?dG9rZW4tdGhhdC1zdGFuZHMtYWxvbmU', 'https://api.contoso.com/a?{id}'],
    ['/a?acl&uploadId=1', 'https://api.contoso.com/a?acl&uploadId'],
    ['/a?=x&&b', 'https://api.contoso.com/a?b'],
    ['/a?', 'https://api.contoso.com/a'],
    ['/a#part?b=c', 'https://api.contoso.com/a'],
    ['http://user:pass@other.example:8080/p?q=1', 'http://other.example:8080/p?q'],
  ])('shows no value of its query, nor a password: %s', (path, data) => {
    expect(at(path).data).toBe(data);
  });

  it('never shows what stands behind a question mark or an equals sign, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.webUrl({ withQueryParameters: true }), (secret, url) => {
        const { pathname } = new URL(url);
        const hidden = `S${Buffer.from(secret).toString('hex')}S`;
        const { data, route } = at(`${pathname}?name=${encodeURIComponent(secret)}${hidden}&other=${hidden}#${hidden}`);
        expect(data).not.toContain(hidden);
        expect(route).not.toContain('?');
        expect(data).toBe(`https://api.contoso.com${pathname}?name&other`);
      }),
    );
  });

  it.each([
    ['a.blob.core.windows.net', 'Azure blob'],
    ['a.z1.blob.storage.azure.net', 'Azure blob'],
    ['A.TABLE.core.chinacloudapi.cn:443', 'Azure table'],
    ['a.table.cosmos.azure.com', 'Azure table'],
    ['a.queue.core.usgovcloudapi.net', 'Azure queue'],
    ['a.documents.azure.com', 'Azure DocumentDB'],
    ['a.servicebus.windows.net', 'Azure Service Bus'],
    ['blob.core.windows.net.evil.example', 'HTTP'],
    ['management.azure.com', 'HTTP'],
  ])('names the service: %s is %s', (host, type) => {
    expect(at('/', host).type).toBe(type);
  });
});

describe('telemetry on its way', () => {
  it.each([
    ['westeurope-5.in.applicationinsights.azure.com', '/v2.1/track', undefined],
    ['westeurope.livediagnostics.monitor.azure.com', '/QuickPulseService.svc/post?ikey=1', undefined],
    ['dc.services.visualstudio.com', '/anything', undefined],
    ['127.0.0.1:4318', '/v1/traces', 'OTel-OTLP-Exporter-JavaScript/0.221.0'],
  ])('is told by its host, its path or its sender: %s%s', (host, path, userAgent) => {
    expect(carriesTelemetry(host, path, userAgent)).toBe(true);
  });

  it('is told by its path only where telemetry of this process goes', () => {
    const isOurs = (host: string) => host === '127.0.0.1:9';
    expect(carriesTelemetry('127.0.0.1:9', '/v2.1/track', undefined, isOurs)).toBe(true);
    expect(carriesTelemetry('127.0.0.1:9', '/proxy/v2.1/track?a=1', undefined, isOurs)).toBe(true);
    expect(carriesTelemetry('127.0.0.1:9', '/score', undefined, isOurs)).toBe(false);
    expect(carriesTelemetry('127.0.0.1:8', '/v2.1/track', undefined, isOurs)).toBe(false);
  });

  it.each([
    ['api.loganalytics.io', '/v1/workspaces/1/query'],
    ['api.contoso.com', '/v2/tracks'],
    ['api.contoso.com', '/v2/track'],
    ['127.0.0.1:9', '/v2.1/track'],
    ['dev.azure.com.services.visualstudio.com', '/'],
  ])('is nothing else: %s%s', (host, path) => {
    expect(carriesTelemetry(host, path, 'curl/8')).toBe(false);
  });
});

describe('traceContextHosts', () => {
  it.each([
    [undefined, 'anything.example', true],
    [[], 'anything.example', false],
    [['*.contoso.com'], 'API.contoso.com:8443', true],
    [['*.contoso.com'], 'contoso.com', false],
    [['*.contoso.com'], 'a.contoso.com.evil.example', false],
    [['a.b'], 'aXb', false],
    [['[::1]'], '[::1]:80', true],
  ])('%j lets %s know: %s', (patterns, host, told) => {
    expect(traceHosts(patterns)(host)).toBe(told);
  });

  it.each(['*.contoso.com', [1], {}])('refuses %j, which is no list of names', (wrong) => {
    expect(() => traceHosts(wrong as never)).toThrow('traceContextHosts');
  });
});
