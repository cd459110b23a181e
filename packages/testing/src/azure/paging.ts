/** One page of a list, and the token of the next one. @internal */
export function pageOf<T>(all: readonly T[], pageSize: number, skipToken: string | null): { page: T[]; next?: string } {
  const from = Number(skipToken ?? 0);
  const to = from + pageSize;
  const page = all.slice(from, to);
  return to < all.length ? { page, next: String(to) } : { page };
}

/** The address of the next page: that of this one with another token. @internal */
export function nextLink(url: URL, token: string): string {
  const parts = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^(\$|%24)skipToken=/i.test(part));
  return `${url.origin}${url.pathname}?${[...parts, `$skipToken=${token}`].join('&')}`;
}

/** A positive number in the query. @internal */
export function countIn(url: URL, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = Number(url.searchParams.get(name));
    if (Number.isInteger(value) && value > 0) {
      return value;
    }
  }
  return undefined;
}

/** Whether a resource has all tags or properties of a filter: `key` or `key=value`, joined by commas. @internal */
export function hasEntries(entries: unknown, filter: string | null): boolean {
  const owned = typeof entries === 'object' && entries !== null ? (entries as Record<string, unknown>) : {};
  return (filter ?? '')
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const at = part.indexOf('=');
      return at === -1 ? Object.hasOwn(owned, part) : owned[part.slice(0, at)] === part.slice(at + 1);
    });
}
