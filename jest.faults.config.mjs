import { shared } from './jest.config.mjs';

/** The long tests of what can go wrong: real processes, real kills, against the built packages as users get them. */
export default {
  ...shared,
  displayName: 'faults',
  moduleNameMapper: {},
  testMatch: ['<rootDir>/test/faults/**/*.test.ts'],
  maxWorkers: 2,
  workerGracefulExitTimeout: 10_000,
  testTimeout: 300_000,
};
