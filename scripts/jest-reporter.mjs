import { renameSync, writeFileSync } from 'node:fs';

/** Writes the totals of a run to the file that the test command names, once the last test is done. */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.AZUREML_TS_TEST_RESULT;
    if (file !== undefined && file !== '') {
      const totals = {
        passed: results.numPassedTests,
        // A file that could not be run has no tests that could fail.
        failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      };
      // In one step, so that the reader never sees half of it.
      writeFileSync(`${file}.draft`, JSON.stringify(totals));
      renameSync(`${file}.draft`, file);
    }
  }
}
