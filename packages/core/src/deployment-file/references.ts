/** A text in which the environment was put in. */
export interface ResolvedText {
  readonly text: string;
  /** Whether a part of it came from the environment: it may be secret then. */
  readonly isFromEnvironment: boolean;
  /** What is wrong with its references. */
  readonly faults: readonly string[];
}

/** The escape, a reference, or the beginning of one without an end. */
const PARTS = /\$\$\{\{|\$\{\{(.*?)\}\}|\$\{\{/gs;
const VARIABLE = /^\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*$/;

/** Puts variables of the environment in the place of `${{ env.NAME }}`; `$${{` stands for `${{` itself. */
export function resolveReferences(text: string, env: Readonly<Record<string, string | undefined>>): ResolvedText {
  const faults: string[] = [];
  let isFromEnvironment = false;
  const resolved = text.replaceAll(PARTS, (whole, inner: string | undefined) => {
    if (whole.startsWith('$$')) {
      return whole.slice(1);
    }
    if (inner === undefined) {
      faults.push(`has a reference without an end; write \${{ env.NAME }}, or $\${{ for the letters themselves`);
      return whole;
    }
    const name = VARIABLE.exec(inner)?.[1];
    if (name === undefined) {
      faults.push(`has a reference that is not known: ${whole.slice(0, 60)}; there is only \${{ env.NAME }}`);
      return whole;
    }
    isFromEnvironment = true;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined || value === '') {
      faults.push(`needs the environment variable ${name}, which is not set`);
      return '';
    }
    return value;
  });
  return { text: resolved, isFromEnvironment, faults };
}

/** A text as it must be written in a file so that nothing in it is a reference. */
export function withoutReferences(text: string): string {
  return text.replaceAll(`\${{`, (start) => `$${start}`);
}
