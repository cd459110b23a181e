import { redirectTarget } from '../../src/sender/redirect.ts';

describe('redirectTarget', () => {
  it.each([
    [
      'https://dc.services.visualstudio.com/v2.1/track',
      'https://weu-5.in.applicationinsights.azure.com/v2.1/track',
      true,
    ],
    ['https://proxy.example/v2.1/track', 'https://proxy.example/other', true],
    ['https://proxy.example/v2.1/track', '/other', true],
    ['http://127.0.0.1:1/a', 'http://localhost:2/b', true],
    ['https://weu.in.applicationinsights.azure.com/a', 'https://applicationinsights.azure.com.evil.example/a', false],
    ['https://proxy.example/a', 'http://proxy.example/a', false],
    ['https://proxy.example/a', 'https://other.example/a', false],
    ['http://127.0.0.1:1/a', 'http://169.254.169.254/a', false],
    ['https://proxy.example/a', 'file:///etc/passwd', false],
    ['https://proxy.example/a', undefined, false],
  ])('from %s to %s: %p', (from, location, allowed) => {
    expect(redirectTarget(new URL(from), location) !== undefined).toBe(allowed);
  });

  it.each([
    ['https://dc.applicationinsights.azure.cn/a', 'https://dc.services.visualstudio.com/a', false],
    ['https://usgov.in.applicationinsights.azure.us/a', 'https://virginia.in.applicationinsights.azure.us/a', true],
    ['https://proxy.example/a', 'https://me:pw@proxy.example/a', false],
  ])('keeps to the cloud and takes no passwords: from %s to %s: %p', (from, location, allowed) => {
    expect(redirectTarget(new URL(from), location) !== undefined).toBe(allowed);
  });

  it.each([
    [
      'https://dc.services.visualstudio.com/v2.1/track',
      'https://weu-5.in.applicationinsights.azure.com/v2.1/track',
      true,
    ],
    ['https://dc.services.visualstudio.com/a', 'https://x.applicationinsights.azure.com:8443/a', false],
    ['https://proxy.example/a', '/other', true],
    ['https://proxy.example/a', 'https://proxy.example:8443/a', false],
    ['http://127.0.0.1:1/a', 'http://127.0.0.1:2/a', false],
    ['http://127.0.0.1:1/a', 'http://localhost:1/a', false],
    ['http://127.0.0.1:1/a', 'https://dc.services.visualstudio.com/a', false],
  ])('with a token, from %s to %s: %p', (from, location, allowed) => {
    expect(redirectTarget(new URL(from), location, true) !== undefined).toBe(allowed);
  });
});
