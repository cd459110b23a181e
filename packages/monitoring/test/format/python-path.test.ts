import { parsePythonFilePath, pythonStreamPrefix } from '../../src/format/python-path.ts';

const ROOT = 'sub/rg/ws/svc/best model/7';
const stream = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best model',
  modelVersion: '7',
};

describe('a path of the Python package', () => {
  it.each(['inputs', 'predictions', 'labels'])('has a file that is called like the designation %s', (designation) => {
    expect(parsePythonFilePath(`${ROOT}/${designation}/2026/01/02/${designation}.csv`)).toEqual({
      ...stream,
      designation,
      day: '2026-01-02',
      fileName: `${designation}.csv`,
    });
    expect(parsePythonFilePath(`${ROOT}/${designation}/2026/01/02/default.csv`)).toBeUndefined();
  });

  it.each(['signals', 'general'])('has a file for each collection of the designation %s', (designation) => {
    for (const collectionName of ['default', 'my.data-2', 'data']) {
      expect(parsePythonFilePath(`${ROOT}/${designation}/2026/01/02/${collectionName}.csv`)).toMatchObject({
        designation,
        collectionName,
      });
    }
  });

  it('may have a folder for each hour', () => {
    expect(parsePythonFilePath(`${ROOT}/inputs/2026/01/02/23/inputs.csv`)).toMatchObject({
      day: '2026-01-02',
      hour: '23',
    });
    expect(parsePythonFilePath(`${ROOT}/inputs/2026/01/02/24/inputs.csv`)).toBeUndefined();
    expect(parsePythonFilePath(`${ROOT}/inputs/2026/01/02/5/inputs.csv`)).toBeUndefined();
  });

  it.each([
    'inputs/2026/01/02/aml_telemetry.csv',
    'signals/2026/01/02/aml_telemetry.csv',
    'signals/2026/01/02/.csv',
    'signals/2026/01/02/.draft.csv',
    'signals/2026/01/02/default.csv.lock',
    'signals/2026/13/02/default.csv',
    'signals/2026/01/02/03/04/default.csv',
    'signals/2026/01/default.csv',
  ])('is not %s', (path) => {
    expect(parsePythonFilePath(`${ROOT}/${path}`)).toBeUndefined();
  });
});

it('the Python package writes the workspace in lower case', () => {
  const workspace = { subscriptionId: 'SUB', resourceGroup: 'Rg', workspaceName: 'wS' };
  expect(pythonStreamPrefix({ ...stream, workspace, webserviceName: 'Svc', designation: 'inputs' })).toBe(
    'sub/rg/ws/Svc/best model/7/inputs/',
  );
});
