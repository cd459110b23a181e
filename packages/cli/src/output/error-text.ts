import { errorMessage, isAzuremlError } from '@azureml-ts/common';

type Words = readonly (readonly [said: string | RegExp, here: string])[];

const LOGS: Words = [
  ['See getLogs() for the cause.', 'See azureml-ts service logs for the cause.'],
  ['or see getLogs().', 'or see azureml-ts service logs.'],
  ['; see getLogs().', '; see azureml-ts service logs.'],
  ['The log has more: getLogs().', 'The log has more: azureml-ts service logs.'],
  [
    'The last log lines are in `logs`; LocalWebservice runs the same script here.',
    'azureml-ts deploy with a file of the type local runs the same script here.',
  ],
  ['See its last log lines in `logs`.', 'See azureml-ts service logs for more.'],
];
const AGAIN: Words = [
  [/\bcall (?:run|update|delete)\(\) again/g, 'run the command again'],
  [/\bCall (?:run|update|delete)\(\) again/g, 'Run the command again'],
];
const STATE: Words = [
  ['call refresh() and read the state.', 'see its state with azureml-ts service show.'],
  ['Call refresh() and read the state.', 'See its state with azureml-ts service show.'],
  [
    'Call waitForDeployment(), or refresh() and see its error.',
    'Wait for it with azureml-ts service wait, or see its error with azureml-ts service show.',
  ],
  [/Call waitForDeployment\(\)(?: first)?\./g, 'Wait for it with azureml-ts service wait.'],
];
const TIMEOUT: Words = [
  [/\bRaise timeoutMs\b/g, 'Give a longer --timeout where the command has it'],
  [
    'waitForDeployment() waits for it; update() again does the rest.',
    'azureml-ts service wait waits for it; the same command again does the rest.',
  ],
];
const NOT_FOUND: Words = [
  ['Webservice.list() gives all of them', 'azureml-ts service list gives all of them'],
  ['Webservice.list() shows all', 'azureml-ts service list shows all'],
  [/\bWebservice\.list\(\)/g, 'azureml-ts service list'],
  ['deployments({ refresh: true }) names', 'azureml-ts service show names'],
  ...STATE,
];
const KEYS: Words = [
  ['Read the keys with getKeys() to see', 'Read the keys with azureml-ts service keys to see'],
  ['Use getToken().', 'It takes tokens, which this command does not fetch.'],
];

/** What the library says to programmers, by the code of the error, and what this command says in its place. */
const BY_CODE: Readonly<Record<string, Words>> = {
  AMBIGUOUS_NAME: [
    [/Say which one you mean, for example \{ kind: '(\w+)' \}\./g, 'Say which one you mean, for example --kind $1.'],
  ],
  CONFLICT: AGAIN,
  DEPLOYMENT_FAILED: [...LOGS, ...AGAIN, ...KEYS],
  DEPLOYMENT_NOT_FOUND: NOT_FOUND,
  ENVIRONMENT_NOT_FOUND: [['Environment.list() shows all.', 'the studio shows all.']],
  INVALID_ANSWER: STATE,
  MODEL_EXISTS: [
    ['Give another version, or none to get the next one.', 'Give another one in the file: model: { path, version }.'],
  ],
  MODEL_NOT_FOUND: [['Model.list() shows all.', 'the studio shows all.']],
  SCORING_FAILED: [...LOGS, ...AGAIN],
  TIMEOUT: [...TIMEOUT, ...AGAIN],
  UNSUPPORTED_OPERATION: KEYS,
  UPDATE_INCOMPLETE: [...AGAIN, ...TIMEOUT, ...LOGS, ...NOT_FOUND],
  WEBSERVICE_EXISTS: [
    [
      'Set overwrite: true to replace it, update() it,',
      'Give --overwrite to replace it, change it with azureml-ts service update,',
    ],
    ['Set overwrite: true to', 'Give --overwrite to'],
    [/\b([Dd]eploy) with another deploymentName\b/g, '$1 with another name in the file'],
  ],
  WEBSERVICE_NOT_FOUND: NOT_FOUND,
  WEBSERVICE_UNREACHABLE: [...LOGS, ...AGAIN, ...STATE],
};

/** The message of an error, in the words of this command: options and commands in place of methods. Without secrets. */
export function errorText(error: unknown): string {
  let text = errorMessage(error);
  for (const [said, here] of isAzuremlError(error) ? (BY_CODE[error.code] ?? []) : []) {
    text = text.replaceAll(said, here);
  }
  return text;
}

/** The ids of an error, which support asks for; `undefined` where it has none. */
export function errorIds(error: unknown): {
  readonly requestId?: string | undefined;
  readonly operationId?: string | undefined;
} {
  if (!isAzuremlError(error)) {
    return {};
  }
  const { operationId } = error.details;
  return { requestId: error.requestId, operationId: typeof operationId === 'string' ? operationId : undefined };
}

/** {@link errorText} with the ids that it does not have yet. */
export function errorTextWithIds(error: unknown): string {
  const text = errorText(error);
  const { requestId, operationId } = errorIds(error);
  const told = [
    ['request id', requestId],
    ['operation id', operationId],
  ].flatMap(([name, id]) => (id === undefined || id === '' || text.includes(id) ? [] : [`${name} ${id}`]));
  return told.length === 0 ? text : `${text} (${told.join(', ')})`;
}
