import { findIngestionTarget, parseConnectionString } from '../src/connection-string.ts';

const KEY = '00000000-1111-2222-3333-abcdefabcdef';
const parse = (text: string) => parseConnectionString(text, 'The option connectionString');

describe('parseConnectionString', () => {
  it.each([
    [`InstrumentationKey=${KEY}`, 'https://dc.services.visualstudio.com/v2.1/track'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=https://weu.in.example/`, 'https://weu.in.example/v2.1/track'],
    [`instrumentationkey=${KEY};INGESTIONENDPOINT=https://weu.in.example`, 'https://weu.in.example/v2.1/track'],
    [
      ` InstrumentationKey = ${KEY} ; IngestionEndpoint = http://127.0.0.1:1/base// ;`,
      'http://127.0.0.1:1/base/v2.1/track',
    ],
    [`InstrumentationKey=${KEY};EndpointSuffix=ai.example;Location=weu`, 'https://weu.dc.ai.example/v2.1/track'],
    [`InstrumentationKey=${KEY};EndpointSuffix=ai.example`, 'https://dc.ai.example/v2.1/track'],
    [`Authorization=ikey;InstrumentationKey=${KEY.toUpperCase()}`, 'https://dc.services.visualstudio.com/v2.1/track'],
    [` ${KEY.toUpperCase()} `, 'https://dc.services.visualstudio.com/v2.1/track'],
    [
      `InstrumentationKey=${KEY};EndpointSuffix=applicationinsights.azure.cn;Location=chinaeast2`,
      'https://chinaeast2.dc.applicationinsights.azure.cn/v2.1/track',
    ],
    [
      `InstrumentationKey=${KEY};IngestionEndpoint=https://usgov-0.in.applicationinsights.azure.us/;LiveEndpoint=https://live.example/;ApplicationId=${KEY};Unknown=x`,
      'https://usgov-0.in.applicationinsights.azure.us/v2.1/track',
    ],
    [
      `InstrumentationKey=${KEY};IngestionEndpoint=https://a.example;EndpointSuffix=b.example`,
      'https://a.example/v2.1/track',
    ],
  ])('reads %s', (text, url) => {
    const target = parse(text);

    expect(target.instrumentationKey).toBe(KEY);
    expect(target.trackUrl.href).toBe(url);
  });

  it.each([
    ['', 'has no InstrumentationKey'],
    ['IngestionEndpoint=https://a.example', 'has no InstrumentationKey'],
    [`${KEY};IngestionEndpoint=https://a.example`, 'is not a list of Key=Value pairs'],
    [`InstrumentationKey=${KEY};=x`, 'is not a list of Key=Value pairs'],
    [`InstrumentationKey=${KEY}=`, 'InstrumentationKey has a second "="'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=https://a.example/?x=1`, 'IngestionEndpoint has a second "="'],
    [`InstrumentationKey=${KEY}IngestionEndpoint=https://a.example`, 'InstrumentationKey has a second "="'],
    [`InstrumentationKey=${KEY};Location=a;Location=b`, 'Location stands in it twice'],
    [
      `InstrumentationKey=${KEY};EndpointSuffix=https://a.example`,
      'EndpointSuffix "https://a.example" is not the name',
    ],
    [`InstrumentationKey=${KEY};EndpointSuffix=a.example;Location=../b`, 'Location "../b" is not part'],
    [`InstrumentationKey=${KEY};LiveEndpoint=live`, 'LiveEndpoint "live" is not an http or https URL'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=https://me:pw@a.example`, 'holds a user name or password'],
    [`InstrumentationKey=${KEY};AADAudience=monitor`, 'AADAudience "monitor" is not the address'],
    ['InstrumentationKey=s3cret', 'is not a GUID'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=ftp://a`, '"ftp://a" is not an http or https URL'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=nowhere`, '"nowhere" is not an http or https URL'],
    [`InstrumentationKey=${KEY};Authorization=aad`, 'only "ikey" is known'],
  ])('refuses %j and says why', (text, reason) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'CONNECTION_STRING_INVALID' }));
    expect(() => parse(text)).toThrow(reason);
  });

  it.each([
    ['', 'https://monitor.azure.com//.default'],
    [';AADAudience=https://monitor.azure.us/', 'https://monitor.azure.us//.default'],
    [';aadaudience=https://monitor.azure.cn', 'https://monitor.azure.cn/.default'],
    [';AADAudience=https://monitor.azure.cn/.default', 'https://monitor.azure.cn/.default'],
  ])('with %j asks for tokens for %s', (more, scope) => {
    expect(parse(`InstrumentationKey=${KEY}${more}`).scope).toBe(scope);
  });

  it('makes a connection string that other senders read the same way', () => {
    const target = parse(` instrumentationkey = ${KEY.toUpperCase()} ; EndpointSuffix=ai.example ;`);

    expect(parse(target.connectionString)).toEqual(target);
    expect(target.connectionString).toBe(
      `instrumentationkey=${KEY};endpointsuffix=ai.example;ingestionendpoint=https://dc.ai.example/`,
    );
  });

  it('never quotes the key, nor what stands in its place', () => {
    const texts = [
      'InstrumentationKey=s3cret',
      `InstrumentationKey=${KEY};IngestionEndpoint=x`,
      's3cret=a=b',
      `${KEY}=a=b`,
      `InstrumentationKey=${KEY}=s3cret`,
      `InstrumentationKey=${KEY};IngestionEndpoint=https://me:s3cret@a.example`,
    ];
    for (const text of texts) {
      expect(() => parse(text)).toThrow();
      expect(() => parse(text)).not.toThrow(/s3cret|00000000-1111/);
    }
  });
});

describe('findIngestionTarget', () => {
  const environment = {
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${KEY};IngestionEndpoint=https://env.example`,
    AML_APP_INSIGHTS_KEY: KEY,
  };

  it('takes the option, else the connection string of the environment, else its key', () => {
    const option = `InstrumentationKey=${KEY};IngestionEndpoint=https://option.example`;
    const host = (...args: Parameters<typeof findIngestionTarget>) => findIngestionTarget(...args).trackUrl.host;

    expect(host(option, environment)).toBe('option.example');
    expect(host(undefined, environment)).toBe('env.example');
    expect(host(undefined, { AML_APP_INSIGHTS_KEY: KEY })).toBe('dc.services.visualstudio.com');
    expect(host(undefined, { ...environment, APPLICATIONINSIGHTS_CONNECTION_STRING: ' ' })).toBe(
      'dc.services.visualstudio.com',
    );
  });

  it('names both variables when neither is set', () => {
    expect(() => findIngestionTarget(undefined, {})).toThrow(
      expect.objectContaining({
        code: 'CONNECTION_STRING_MISSING',
        message: expect.stringMatching(/APPLICATIONINSIGHTS_CONNECTION_STRING.*AML_APP_INSIGHTS_KEY/),
      }),
    );
  });

  it('says that the key of the environment is none, without quoting it', () => {
    expect(() => findIngestionTarget(undefined, { AML_APP_INSIGHTS_KEY: 's3cret' })).toThrow(
      /^AML_APP_INSIGHTS_KEY is not an instrumentation key: a GUID was expected/,
    );
  });
});
