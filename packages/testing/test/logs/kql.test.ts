import { type LogsStandIn, startLogsStandIn } from '../../src/index.ts';
import { post, rowsOf } from './support.ts';

const NOW = new Date('2026-11-01T12:00:00Z');

let logs: LogsStandIn;
beforeAll(async () => {
  logs = await startLogsStandIn({ now: () => NOW });
  logs.addTable(
    'T',
    [
      { name: 'n', type: 'long' },
      { name: 'r', type: 'real' },
      { name: 's', type: 'string' },
      { name: 'b', type: 'bool' },
      { name: 'at', type: 'datetime' },
      { name: 'd', type: 'dynamic' },
    ],
    [
      { n: 1, r: 0.5, s: 'Apple pie', b: true, at: '2026-11-01T11:59:00.0000001Z', d: { a: { b: 'x' }, 'a b': 2 } },
      { n: 2, r: null, s: 'banana', b: false, at: '2026-11-01T11:00:00Z', d: {} },
      { n: 3, r: 2.5, s: '', b: null, at: '2026-10-31T12:00:00Z', d: null },
    ],
  );
});
afterAll(() => logs.close());

const numbers = async (steps: string) => (await rowsOf(logs, `T | ${steps} | project n`)).flat();
const value = async (expression: string) => (await rowsOf(logs, `T | take 1 | project x = ${expression}`))[0]?.[0];

describe('the queries that the stand-in understands', () => {
  it.each([
    ['s contains "AN"', [2]],
    ['s !contains "an"', [1, 3]],
    ['s has "apple"', [1]],
    ['s has "app"', []],
    ['s startswith "b"', [2]],
    ['s == "Banana"', []],
    ['s =~ "Banana"', [2]],
    ['s !~ "Banana"', [1, 3]],
    ['s != "banana" and n > 1', [3]],
    ['n in (1, 3)', [1, 3]],
    ['s !in ("banana", "")', [1]],
    ['n == 1 or n == 2 and b', [1]],
    ['(n == 1 or n == 3) and not(b)', [3]],
    ['r > 0.4', [1, 3]],
    ['isempty(s)', [3]],
    ['b == false', [2]],
    ['at >= ago(1h)', [1, 2]],
    ['at > datetime(2026-11-01T11:59:00.0000000Z)', [1]],
    ['at > datetime(2026-11-01T11:59:00.0000001Z)', []],
    ['at < now() - 1d + 1s', [3]],
    ['tostring(d.a.b) == "x"', [1]],
    ['tolong(d["a b"]) >= 2', [1]],
    ['tostring(d) contains "a b"', [1]],
    ['column_ifexists("nosuch", "") == ""', [1, 2, 3]],
    ['column_ifexists("n", 0) == 2', [2]],
  ])('where %s', async (condition, expected) => {
    expect(await numbers(`where ${condition}`)).toEqual(expected);
  });

  it.each([
    ['top 2 by n desc', [3, 2]],
    ['top 1 by at asc', [3]],
    ['order by b asc, n desc', [3, 2, 1]],
    ['sort by s', [2, 1, 3]],
    ['take 2', [1, 2]],
    ['limit 1', [1]],
  ])('%s', async (step, expected) => {
    expect(await numbers(step)).toEqual(expected);
  });

  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3],
    ['7 / 2.0', 3.5],
    ['todouble(7) / 2', 3.5],
    ['7 % 4', 3],
    ['iff(b, "yes", "no")', 'yes'],
    ['coalesce(d.nosuch, "else")', 'else'],
    ['parse_json("{\\"a\\":[1]}")', '{"a":[1]}'],
    ['bin(at, 1h)', '2026-11-01T11:00:00Z'],
    ['bin(7, 5)', 5],
    ['tostring(at)', '2026-11-01T11:59:00.0000001Z'],
    ['tostring(b)', 'True'],
    ['toint("12")', 12],
    ['tobool("True")', true],
    ["'single' ", 'single'],
  ])('%s', async (expression, expected) => {
    expect(await value(expression)).toEqual(expected);
  });

  it('sums up, by groups and over all', async () => {
    expect(await rowsOf(logs, 'T | summarize count(), sum(n), sumif(n, b == true), average = avg(n), max(at)')).toEqual(
      [[3, 6, 1, 2, '2026-11-01T11:59:00.0000001Z']],
    );
    expect(
      await rowsOf(logs, 'T | summarize total = count(), share = sum(r * n) / sum(n) by day = bin(at, 1d)'),
    ).toEqual([
      ['2026-11-01T00:00:00Z', 2, 0.5 / 3],
      ['2026-10-31T00:00:00Z', 1, 2.5],
    ]);
    expect(await rowsOf(logs, 'T | where n > 9 | summarize count(), sum(n)')).toEqual([[0, 0]]);
    expect(await rowsOf(logs, 'T | where n > 9 | summarize count() by s')).toEqual([]);
    expect(await rowsOf(logs, 'T | summarize p50 = percentilew(n, n, 50), dcount(s), countif(n > 1), min(n)')).toEqual([
      [2, 3, 2, 1],
    ]);
    expect(await rowsOf(logs, 'T | extend twice = n * 2 | project twice | count')).toEqual([[3]]);
  });

  it.each([
    ['T | join T on n', 'SYN0002'],
    ['T | where', 'SYN0002'],
    ['T | where s == "a', 'SYN0002'],
    ['T | where s == "a\nb"', 'SYN0002'],
    ['T | where s == "\\q"', 'SYN0002'],
    ['T | take many', 'SYN0002'],
    ['T | project n n', 'SYN0002'],
    ['T | where n ! 1', 'SYN0002'],
    ['| where n == 1', 'SYN0002'],
    ['T; T', 'SYN0002'],
    ['T | where d[0] == 1', 'SYN0002'],
    ['Nosuch', 'SEM0100'],
    ['T | project nosuch', 'SEM0100'],
    ['T | where nosuch(n)', 'SEM0260'],
    ['T | where toString(n) == ""', 'SEM0260'],
    ['T | project bin(n)', 'SEM0219'],
    ['T | summarize percentilew(n, 50)', 'SEM0219'],
    ['T | summarize n', 'SEM0173'],
    ['T | where at > datetime(soon)', 'SEM0102'],
  ])('refuses %s', async (query, code) => {
    const { status, json } = await post(logs, `/v1${logs.resourceId}/query`, { query });
    expect([status, json.error.innererror.innererror.code]).toEqual([400, code]);
  });
});
