/** What a container is started with. */
export interface Image {
  /** Program and arguments. */
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads what the last stage of a generated Dockerfile starts, and with which variables. */
export function readImage(dockerfile: string): Image {
  const [stage = ''] = dockerfile
    .replaceAll(/\\\n\s*/g, '')
    .split(/^FROM /m)
    .slice(-1);
  const after = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(stage)?.[1] ?? '';
  return {
    entrypoint: JSON.parse(after('ENTRYPOINT')) as string[],
    environment: Object.fromEntries(
      [...after('ENV').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    ),
  };
}
