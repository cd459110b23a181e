import { atMost } from '../../src/commands/at-most.ts';

describe('atMost', () => {
  it('passes on so many values and closes the source at once', async () => {
    const seen: string[] = [];
    async function* source() {
      try {
        for (let n = 0; n < 3; n++) {
          seen.push(`made ${n}`);
          yield n;
        }
      } finally {
        seen.push('closed');
      }
    }
    for await (const value of atMost(source(), 2)) seen.push(`got ${value}`);
    expect(seen).toEqual(['made 0', 'got 0', 'made 1', 'got 1', 'closed']);
    seen.length = 0;
    for await (const value of atMost(source(), undefined)) seen.push(`got ${value}`);
    expect(seen.filter((text) => text.startsWith('got'))).toHaveLength(3);
  });
});
