import type { CheckedContainerOptions } from './container-options.ts';

/** Folder of the project inside the image. */
const HOME = '/app';

/** The user `node` of the official image, by number: Kubernetes can tell only of numbers that they are not root. */
const USER = '1000:1000';

/** The server's command, as npm lays packages out. */
const COMMAND = 'node_modules/@azureml-ts/inference-server/dist/main.js';

/** The Dockerfile. */
export function dockerfile(options: CheckedContainerOptions): string {
  const { port, nodeVersion, journalVolume, modelDirectory, workers, entryScript, endpointName } = options;
  const image = `node:${nodeVersion}-slim`;
  const environment: readonly (readonly [string, string | undefined])[] = [
    ['NODE_ENV', 'production'],
    ['AML_APP_ROOT', HOME],
    ['AZUREML_ENTRY_SCRIPT', entryScript],
    ['AZUREML_MODEL_DIR', modelDirectory === undefined ? undefined : `${HOME}/${modelDirectory}`],
    ['AML_MODEL_DC_JOURNAL', journalVolume],
    ['WORKER_COUNT', workers === 1 ? undefined : String(workers)],
  ];
  const variables = environment.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}="${value}"`);
  // A script in endless work answers nothing, and is found out here.
  const probe = `fetch('http://127.0.0.1:${port}/').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  const journal =
    journalVolume === undefined
      ? []
      : [
          '# Rows that are collected but not stored yet outlive the container in here.',
          `RUN ${exec('install', '--directory', '--owner=1000', '--group=1000', '--mode=0750', journalVolume)}`,
          `VOLUME ${exec(journalVolume)}`,
          '',
        ];
  return lines(
    '# syntax=docker/dockerfile:1',
    '# Written by writeContainerFiles of @azureml-ts/inference-server: change its options rather than this file.',
    '',
    '# The packages, in a stage of their own: npm and what it leaves behind stay out of the image.',
    `FROM ${image} AS packages`,
    `WORKDIR ${HOME}`,
    `COPY ${exec('package.json', 'package-lock.json', './')}`,
    `RUN ${exec('npm', 'ci', '--omit=dev', '--no-audit', '--no-fund')}`,
    '',
    `FROM ${image}`,
    `LABEL org.opencontainers.image.title="${endpointName}" \\`,
    '      org.opencontainers.image.description="A scoring script behind @azureml-ts/inference-server"',
    `ENV ${variables.join(' \\\n    ')}`,
    `WORKDIR ${HOME}`,
    ...journal,
    `COPY --from=packages ${exec(`${HOME}/node_modules`, './node_modules')}`,
    `COPY ${exec('.', './')}`,
    '',
    `USER ${USER}`,
    `EXPOSE ${port}`,
    'STOPSIGNAL SIGTERM',
    'HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \\',
    `  CMD ${exec('node', '--eval', probe)}`,
    '# No shell in between: the signal to stop reaches the server itself.',
    `ENTRYPOINT ${exec('node', COMMAND)}`,
    `CMD ${exec('--port', String(port))}`,
  );
}

/** The .dockerignore: what the image must not hold, or does not need. */
export function dockerignore(): string {
  return lines(
    '# Written by writeContainerFiles of @azureml-ts/inference-server.',
    '# Installed inside the image.',
    'node_modules',
    '**/node_modules',
    '# Secrets.',
    '.env',
    '.env.*',
    '**/.env',
    '**/.env.*',
    '.npmrc',
    '**/*.pem',
    '**/*.key',
    '**/*.pfx',
    '.azure',
    '.azureml',
    '# Not needed to score.',
    '.git',
    '.github',
    '.vscode',
    '**/*.log',
    '**/*.test.*',
    'coverage',
    'test',
    'tests',
    'README.md',
    'Dockerfile',
    '.dockerignore',
    'endpoint.yml',
    'deployment.yml',
  );
}

/** The form of an instruction that needs no shell. */
function exec(...words: string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

function lines(...parts: string[]): string {
  return `${parts.join('\n')}\n`;
}
