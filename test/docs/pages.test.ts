import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { anchorsOf, checkoutFiles, fencesOf, proseOf, readCheckoutFile } from '../support/markdown.ts';

/** Pages that people wrote; reports and change logs are made by tools. */
const pages = checkoutFiles(/\.md$/).filter(
  (name) => !/(^|\/)(CHANGELOG|api(-[^/]+)?)\.md$/.test(name) && !/^(test\/golden|\.changeset)\//.test(name),
);
const scripts = Object.keys(
  (JSON.parse(readCheckoutFile('package.json')) as { scripts: Record<string, string> }).scripts,
);

/** The targets of the links and images of a page that lead to a place in the checkout. */
function relativeLinksOf(text: string): string[] {
  const prose = proseOf(text);
  const inline = [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((match) => match[1] ?? '');
  const references = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*<?([^\s>]+)/gm)].map((match) => match[1] ?? '');
  return [...inline, ...references].filter((target) => !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target));
}

describe('the pages of the documentation', () => {
  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'packages/common/README.md']));
  });

  it.each(pages)('%s links only to what exists', (page) => {
    const broken = relativeLinksOf(readCheckoutFile(page)).filter((target) => {
      const [path = '', anchor] = decodeURIComponent(target).split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      if (file.startsWith('..') || !existsSync(join(ROOT, file))) {
        return true;
      }
      const isPage = file.endsWith('.md') && statSync(join(ROOT, file)).isFile();
      return anchor !== undefined && isPage && !anchorsOf(readCheckoutFile(file)).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names only commands of the repository that exist', (page) => {
    const shell = fencesOf(readCheckoutFile(page)).filter(({ language }) =>
      ['sh', 'bash', 'shell', 'console'].includes(language),
    );
    const named = shell.flatMap(({ text }) =>
      [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map((match) => match[1] ?? match[2] ?? ''),
    );
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

describe('reading a page', () => {
  it('finds links in prose, and none in code', () => {
    const text =
      '# A `b` c\n[x](./a.md#one) `[y](no.md)`\n```ts\n[z](no.md)\n```\n[w](https://e.org)\n![i](i.png "t")\n[r]: ../r.md\n';
    expect(relativeLinksOf(text)).toEqual(['./a.md#one', 'i.png', '../r.md']);
    expect(anchorsOf(text)).toEqual(new Set(['a-b-c']));
  });
});
