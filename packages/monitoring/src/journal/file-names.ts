/** Name of the file with the state of a file of rows. */
export function stateName(name: string): string {
  return `${name}.state`;
}

/** What {@link stateName} was given; `undefined` when it is the name of something else. */
export function parseStateName(text: string): string | undefined {
  return /^([0-9a-f]{12})\.state$/.exec(text)?.[1];
}

/** Name of a segment. */
export function segmentName(name: string, count: number): string {
  return `${name}-${count}.log`;
}

/** What {@link segmentName} was given; `undefined` when it is the name of something else. */
export function parseSegmentName(text: string): { readonly name: string; readonly count: number } | undefined {
  const [, name, count] = /^([0-9a-f]{12})-(\d{1,9})\.log$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, count: Number(count) };
}

/** The segments among these names, in order, by the name of their file of rows. */
export function segmentNamesOf(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, { readonly text: string; readonly count: number }[]>();
  for (const text of names) {
    const parsed = parseSegmentName(text);
    if (parsed !== undefined) {
      groups.set(parsed.name, [...(groups.get(parsed.name) ?? []), { text, count: parsed.count }]);
    }
  }
  const inOrder = [...groups].map(([name, list]) => {
    list.sort((one, other) => one.count - other.count);
    return [name, list.map(({ text }) => text)] as const;
  });
  return new Map(inOrder);
}
