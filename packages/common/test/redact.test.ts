import { redactSecrets } from '../src/redact.ts';

describe('redactSecrets', () => {
  it.each([
    ['an account key', 'AccountName=a;AccountKey=Zm9vYmFy==;X=1', 'Zm9vYmFy'],
    ['a SAS signature in a URL', 'https://a.blob.core.windows.net/c/b?sv=1&sig=abc%2Fdef%3D&se=2', 'abc%2Fdef'],
    ['a SAS as the first parameter', 'https://a/c?sig=QUJDRA', 'QUJDRA'],
    ['a SAS in a connection string', 'SharedAccessSignature=sv=1&sig=abcdef', 'abcdef'],
    ['a bearer token', 'authorization: Bearer eyJhbGciOi.abc-def', 'eyJhbGciOi'],
    ['a JSON web token by itself', 'token=eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl', 'eyJhdWQiOiJ4In0'],
    ['a password field of JSON', '{"client_secret":"hunter2 and more"}', 'hunter2'],
    ['a quoted account key', 'AccountKey="c2VjcmV0"', 'c2VjcmV0'],
    ['an account key in JSON', '{"AccountKey":"c2VjcmV0"}', 'c2VjcmV0'],
    ['a password in a URL', 'http://user:pa55word@host/x', 'pa55word'],
  ])('removes %s', (_, text, secret) => {
    expect(redactSecrets(text)).not.toContain(secret);
    expect(redactSecrets(text)).toContain('[redacted]');
  });

  it('keeps JSON readable, and does not change a text twice', () => {
    for (const value of ['hunter2 and more', 'q', 'u=v']) {
      const once = redactSecrets(
        JSON.stringify({ password: value, text: JSON.stringify({ apiKey: value }), port: 80 }),
      );
      expect(once).not.toContain(value);
      expect(JSON.parse(once)).toMatchObject({ password: '[redacted]', port: 80 });
      expect(redactSecrets(once)).toBe(once);
    }
    expect(redactSecrets('password=abc next')).toBe('password=[redacted] next');
  });

  it('takes no longer than the text is long', () => {
    const started = performance.now();
    for (const text of [
      'a-'.repeat(100_000),
      'password=a '.repeat(20_000),
      'a://b:'.repeat(30_000),
      'Basic '.repeat(30_000),
    ]) {
      redactSecrets(text);
    }
    // Quadratic work would take minutes here.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('ends for texts of megabytes that look like the beginning of secrets', () => {
    const size = 5_000_000;
    for (const unit of ['eyJabcdef-', 'eyJabcdef', '-eyJ', 'eyJabcdef.', 'a.', 'abcdefgh-']) {
      const text = unit.repeat(Math.ceil(size / unit.length));
      // Work that grows with the square of the text would take hours.
      expect(redactSecrets(text).length).toBeLessThanOrEqual(text.length);
    }
  });

  it('finds a web token wherever it stands', () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl';
    for (const before of ['', ' ', '"', '=', '/', 'x-', 'host.name.', 'é', ',']) {
      expect(redactSecrets(`${before}${token} next`)).toBe(`${before}[redacted] next`);
    }
    for (const text of ['keyJabcdef.abcdef', 'eyJabc.abcdef', 'eyJabcdef.abc', 'eyJabcdef', 'report.2026-01-02.csv']) {
      expect(redactSecrets(text)).toBe(text);
    }
  });

  it('leaves other text as it is', () => {
    const text = 'modeldata/s/r/w/svc/m/1/inputs/2026/01/02/data.csv answered 404 BlobNotFound; design=3';
    expect(redactSecrets(text)).toBe(text);
  });
});
