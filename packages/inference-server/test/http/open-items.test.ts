import fc from 'fast-check';
import { OpenItems } from '../../src/http/open-items.ts';

describe('OpenItems', () => {
  it('holds what a Set holds, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (places) => {
        const all = Array.from({ length: 10 }, (_, name) => ({ name }));
        const items = new OpenItems<{ name: number }>();
        const model = new Set<{ name: number }>();
        for (const place of places) {
          const item = all[place] as { name: number };
          if (model.delete(item)) {
            items.delete(item);
          } else {
            model.add(item);
            items.add(item);
          }
          expect(items.size).toBe(model.size);
          expect(new Set(items)).toEqual(model);
        }
      }),
    );
  });

  it('does nothing for what is not there', () => {
    const items = new OpenItems<object>();
    const item = {};
    items.add(item);
    items.delete({});
    items.delete(item);
    items.delete(item);
    expect([...items]).toEqual([]);
  });

  it('can be changed while it is gone through', () => {
    const items = new OpenItems<object>();
    const all = [{}, {}, {}];
    for (const item of all) items.add(item);
    const seen: object[] = [];
    for (const item of items) {
      seen.push(item);
      items.delete(item);
    }
    expect(seen).toEqual(all);
    expect(items.size).toBe(0);
  });
});
