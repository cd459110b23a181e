/** What the command line asks for. */
export interface Asked {
  /** Benches to run. */
  readonly names: ReadonlySet<string>;
  /** Text for people, or JSON for machines. */
  readonly output: 'table' | 'json';
  /** Whether the page in the documentation is brought up to date. */
  readonly write: boolean;
}

/**
 * Reads the arguments of the bench command.
 *
 * @param known Names of the benches.
 * @returns What is asked for, or one sentence about what is wrong.
 */
export function readArguments(args: readonly string[], known: readonly string[]): Asked | { readonly fault: string } {
  const names = new Set<string>();
  let output: Asked['output'] = 'table';
  let write = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--write') {
      write = true;
    } else if (arg === '--output') {
      index += 1;
      const value = args[index];
      if (value !== 'json' && value !== 'table') {
        return { fault: `--output takes table or json, not ${JSON.stringify(value ?? '')}.` };
      }
      output = value;
    } else if (known.includes(arg)) {
      names.add(arg);
    } else {
      return {
        fault: `Unknown bench or option ${JSON.stringify(arg)}. Known: ${known.join(', ')}, --output, --write.`,
      };
    }
  }
  return { names: names.size > 0 ? names : new Set(known), output, write };
}
