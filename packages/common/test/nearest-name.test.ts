import { nearestName } from '../src/index.ts';

const FLAGS = ['port', 'host', 'worker-count', 'worker-timeout', 'entry-script', 'help'];
const SETTINGS = ['enableAppInsights', 'collectModelData', 'tags'];

describe('nearestName', () => {
  it.each([
    ['prot', FLAGS, 'port'],
    ['workers', FLAGS, 'worker-count'],
    ['worker-cuont', FLAGS, 'worker-count'],
    ['timeout', FLAGS, 'worker-timeout'],
    ['entry', FLAGS, 'entry-script'],
    ['halp', FLAGS, 'help'],
    ['frobnicate', FLAGS, undefined],
    ['', FLAGS, undefined],
    ['', [], undefined],
    ['ENABLE_APP_INSIGHTS', SETTINGS, 'enableAppInsights'],
    ['colectModelDate', SETTINGS, 'collectModelData'],
    ['instanceType', SETTINGS, undefined],
    ['Name', ['surname', 'name', 'NAME'], 'name'],
    ['a'.repeat(1_000_000), SETTINGS, undefined],
  ])('of %.20j is %j', (name, names, expected) => {
    expect(nearestName(name, names)).toBe(expected);
  });
});
