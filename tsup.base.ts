import type { Options } from 'tsup';

/**
 * The build that every package shares: ESM and CommonJS side by side, with types for both.
 *
 * @param entry Source files by entry name, as in the package's `exports`.
 */
export function packageBuild(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    target: 'node22',
    platform: 'node',
    dts: true,
    clean: true,
    // Without it `import.meta.url` is empty in the CommonJS copy.
    shims: true,
    splitting: true,
    sourcemap: true,
    tsconfig: 'tsconfig.json',
  };
}
