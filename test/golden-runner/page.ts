import { COLLECTING_RULES } from './rules/collecting-rules.ts';
import { COLLECTOR_RULES } from './rules/collector-v2-rules.ts';
import { CONFIG_RULES } from './rules/config-rules.ts';
import { READING_RULES, ROW_RULES } from './rules/reading-rules.ts';
import { REQUEST_RULES } from './rules/request-rules.ts';
import { RESULT_RULES } from './rules/result-rules.ts';
import type { RuleText } from './rules/rule.ts';
import { TELEMETRY_RULES } from './rules/telemetry-rules.ts';
import { UPDATE_RULES } from './rules/update-rules.ts';
import { VALIDATION_RULES } from './rules/validation-rules.ts';

type Part = readonly [title: string, about: string, rules: readonly RuleText[]];

const PARTS: readonly Part[] = [
  ['Requests', 'Which requests are sent.', REQUEST_RULES],
  ['Updates', 'What an update sends.', UPDATE_RULES],
  ['Results and errors', 'What the methods of a service give.', RESULT_RULES],
  ['Settings', 'What deployment configurations and `update` take.', VALIDATION_RULES],
  ['Configuration files', 'Which file `Workspace.fromConfig` reads.', CONFIG_RULES],
];

const SERVER_PARTS: readonly Part[] = [
  ['Telemetry of the inference server', 'What goes to Application Insights while a script is served.', TELEMETRY_RULES],
];

const READING_PARTS: readonly Part[] = [
  [
    'Reading what the Python collector wrote',
    'What `CollectedData` gives of its files.',
    [...READING_RULES, ...Object.values(ROW_RULES)],
  ],
  [
    'Writing as the Python collector',
    "What `ModelDataCollector` with `layout: 'python-v1'` writes and returns.",
    Object.values(COLLECTING_RULES),
  ],
];

const COLLECTOR_PARTS: readonly Part[] = [
  ['The second-generation collector', 'What `Collector` sends to the sidecar, prints and tells.', COLLECTOR_RULES],
];

/** The page about compatibility, made of the rules that the comparison uses. */
export function compatibilityPage(): string {
  return `<!-- Written by npm run test:golden -- --write. -->
# Compatibility with the Python packages

Recordings of azureml-core are played with these packages: the same calls are made, a server on this machine answers as
was recorded, and method, path, query, content type, authorization and JSON body of each request, the results and the
meaning of the errors are compared. Of azureml-inference-server-http it is recorded what it sends to Application
Insights: the same requests are made to the server here, with a script that does the same, and what the items of both
say is compared. Of azureml-monitoring it is recorded which rows it was given and which files it wrote: they are read with
\`CollectedData\`, and every value is compared with what was given; and the same is collected with the layout \`python-v1\`,
and every byte, path, kind of block and returned value is compared. Of azureml-ai-monitoring it is recorded what it sends to
the collection sidecar: the same is collected with \`Collector\`, and every header, body, error and answer is compared. What
is not in the tables below is the same.

\`\`\`sh
npm run test:golden
\`\`\`

The folder that \`AZUREML_TS_GOLDEN\` names is played instead of the committed one (\`test/golden\`). A case is \`equal\`,
\`explained\` by the rules named beside it, \`failed\`, or \`not run\`, when what was done has no form here.
Each row below is a rule by which a difference counts as meant.

Not compared: how long is waited between two tries (ours honours \`Retry-After\`), what is printed, further headers, and
the words of an error. Errors are compared by their condition: the status of the answer, or the code of ours that means
the same.

${PARTS.map((entry) => part(entry, 'azureml-core')).join('\n\n')}

${SERVER_PARTS.map((entry) => part(entry, 'azureml-inference-server-http')).join('\n\n')}

${READING_PARTS.map((entry) => part(entry, 'azureml-monitoring')).join('\n\n')}

${COLLECTOR_PARTS.map((entry) => part(entry, 'azureml-ai-monitoring')).join('\n\n')}
`;
}

function part([title, about, rules]: Part, peer: string): string {
  const rows = rules.map((rule) => `| \`${rule.id}\` | ${cell(rule.peer)} | ${cell(rule.ours)} |`);
  return [`## ${title}`, about, [`| rule | ${peer} | azureml-ts |`, '| --- | --- | --- |', ...rows].join('\n')].join(
    '\n\n',
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
