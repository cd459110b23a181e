import { randomHex, randomId } from '../../src/http/random-ids.ts';

describe('ids', () => {
  it('are random UUIDs, each another', () => {
    const ids = Array.from({ length: 5_000 }, randomId);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are as many random hexadecimal digits as are asked for, each another', () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => randomHex(index % 2 === 0 ? 8 : 16));
    expect(ids.every((id, index) => new RegExp(`^[0-9a-f]{${index % 2 === 0 ? 16 : 32}}$`).test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.join('')).size).toBe(16);
  });
});
