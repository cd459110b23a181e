/** What all Jest projects have in common. */
export const shared = {
  testEnvironment: 'node',
  transform: {
    '\\.(ts|mts|cts|js|mjs|cjs)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023', keepClassNames: true },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // ESM-only packages: plain Node loads them as they are, Jest cannot require them, so they are transformed.
  transformIgnorePatterns: [
    '/node_modules/(?!.*(commander|hyparquet|https?-proxy-agent|agent-base|proxy-agent[^/]*)/)',
  ],
  moduleNameMapper: {
    '^@azureml-ts/monitoring/format$': '<rootDir>/packages/monitoring/src/format.ts',
    '^@azureml-ts/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
  },
  // Copies of packages that the scripts keep are not modules of this checkout.
  modulePathIgnorePatterns: ['<rootDir>/\\.build/'],
  // The temporary folder is another one in each run.
  cacheDirectory: '<rootDir>/.build/jest-cache',
  rootDir: import.meta.dirname,
};

const packages = ['common', 'monitoring', 'data', 'insights', 'inference-server', 'core', 'cli', 'testing'];

/** One Jest project a folder; sources are read directly, only packaging, examples and e2e use the build. */
export default {
  projects: [
    ...packages.map((name) => ({
      ...shared,
      displayName: name,
      testMatch: [`<rootDir>/packages/${name}/test/**/*.test.ts`],
    })),
    // What crosses packages runs against the built files, as users get them.
    {
      ...shared,
      displayName: 'house',
      moduleNameMapper: {},
      testMatch: [
        '<rootDir>/test/!(faults)/**/*.test.ts',
        '<rootDir>/examples/*/test/**/*.test.ts',
        '<rootDir>/packages/*/test-built/**/*.test.ts',
      ],
    },
  ],
  maxWorkers: 2,
  // A worker that does not end by itself then is held by an open handle, which `npm test` counts as a failure.
  workerGracefulExitTimeout: 10_000,
  testTimeout: 30_000,
};
