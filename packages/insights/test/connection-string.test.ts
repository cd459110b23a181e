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
  ])('reads %s', (text, url) => {
    const target = parse(text);

    expect(target.instrumentationKey).toBe(KEY);
    expect(target.trackUrl.href).toBe(url);
  });

  it.each([
    ['', 'has no InstrumentationKey'],
    ['IngestionEndpoint=https://a.example', 'has no InstrumentationKey'],
    [KEY, 'is not a list of Key=Value pairs'],
    ['InstrumentationKey=s3cret', 'is not a GUID'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=ftp://a`, '"ftp://a" is not an http or https URL'],
    [`InstrumentationKey=${KEY};IngestionEndpoint=nowhere`, '"nowhere" is not an http or https URL'],
    [`InstrumentationKey=${KEY};Authorization=aad`, 'only "ikey" is known'],
  ])('refuses %j and says why', (text, reason) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'CONNECTION_STRING_INVALID' }));
    expect(() => parse(text)).toThrow(reason);
  });

  it('never quotes the key', () => {
    for (const text of ['InstrumentationKey=s3cret', `InstrumentationKey=${KEY};IngestionEndpoint=x`]) {
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
