/** One Jest project a folder; sources are read directly, only packaging, examples and e2e use the build. */
const shared = {
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
  // The Azure clients require these ESM-only packages; Jest cannot, so they are transformed (plain Node loads them as they are).
  transformIgnorePatterns: ['/node_modules/(?!.*(https?-proxy-agent|agent-base|proxy-agent[^/]*)/)'],
  moduleNameMapper: {
    '^@azureml-ts/monitoring/format$': '<rootDir>/packages/monitoring/src/format.ts',
    '^@azureml-ts/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
  },
  rootDir: import.meta.dirname,
};

const packages = ['common', 'monitoring', 'data', 'insights', 'inference-server', 'core', 'cli', 'testing'];

export default {
  projects: [
    ...packages.map((name) => ({ ...shared, displayName: name, testMatch: [`<rootDir>/packages/${name}/test/**/*.test.ts`] })),
    // What crosses packages runs against the built files, as users get them.
    {
      ...shared,
      displayName: 'house',
      moduleNameMapper: {},
      testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/examples/*/test/**/*.test.ts'],
    },
  ],
  maxWorkers: 2,
  testTimeout: 30_000,
};
