import { describedAnew } from '../../src/upload/asset-description.ts';

describe('what is said of a version anew', () => {
  const old = { image: 'x', tags: { a: '1' }, properties: { p: '1' }, description: null };

  it('is no change when the version is as said, whichever way the service keeps nothing', () => {
    expect(describedAnew(old, {})).toBeUndefined();
    expect(describedAnew(old, { tags: { a: '1' }, properties: {}, description: '' })).toBeUndefined();
    expect(describedAnew({ tags: null }, { tags: {} })).toBeUndefined();
  });

  it('is laid over what the version has', () => {
    expect(describedAnew(old, { tags: { b: '2' } })).toEqual({ ...old, tags: { a: '1', b: '2' } });
    expect(describedAnew({ ...old, description: 'x' }, { description: '' })).toMatchObject({ description: '' });
  });
});
