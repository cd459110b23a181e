import { setLogSink } from '@azureml-ts/common';

beforeAll(() => {
  // Trouble is what these tests make: its log lines would bury the result.
  setLogSink(() => undefined);
});
