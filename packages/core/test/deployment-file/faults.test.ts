import fc from 'fast-check';
import { KEYS } from '../../src/deployment-file/keys.ts';
import { fileFolder } from './support.ts';

let here: Awaited<ReturnType<typeof fileFolder>>;
beforeEach(async () => {
  here = await fileFolder();
});
afterEach(() => here.remove());

const HEAD = 'endpoint_name: ep1\ncode_configuration: { scoring_script: s.mjs }\n';

describe('faults of a deployment file', () => {
  it('are told all at once, in the order of the lines', async () => {
    expect(
      await here.faults(`${HEAD}instance_typ: Standard_DS3_v2
instance_count: two
data_collector:
  collections:
    inputs: { samplingrate: 1 }
    outputs: { sampling_rate: 2 }
traffic: 120
auth_mode: keys
`),
    ).toEqual([
      '3 instance_typ is not a key of the type online; did you mean instance_type?',
      '4 instance_count must be a whole number, but is "two"',
      '7 data_collector.collections.inputs.samplingrate is not a key here; did you mean sampling_rate?',
      '8 data_collector.collections.outputs.sampling_rate must be a number from 0 to 1, but is the number 2',
      '9 traffic must be a number of percent from 0 to 100, but is 120',
      '10 auth_mode must be one of key, aml_token, aad_token, but is "keys"',
    ]);
  });

  it.each([
    ['collect_model_data: true', 'is not a key of the type online; did you mean data_collector?'],
    ['enable_app_insights: true', 'is not a key of the type online; did you mean app_insights_enabled?'],
    ['entry_script: s.mjs', 'is not a key of the type online; did you mean code_configuration.scoring_script?'],
    ['instanceCount: 1', 'is not a key of the type online; did you mean instance_count?'],
    ['num_replicas: 1', 'is not a key of the type online, but of aks, aks_endpoint'],
    ['environment: azureml:env@latest', 'must be azureml:NAME:VERSION, but is "azureml:env@latest"'],
    ['environment: { name: env }', 'must have image, or build with a path'],
    ['environment: { image: "no image" }', "must be the address of an image, but is 'no image'"],
    ['environment: { image: a, build: { path: src } }', 'must be either image or build'],
    ['environment: { build: { path: none } }', 'environment.build.path must be a folder that exists'],
    ['environment: { build: { path: src } }', 'environment.build names a file that does not exist'],
    ['environment: { build: { path: src, dockerfile_path: D } }', 'environment.build.dockerfile_path names a file'],
    ['environment: { image: a, conda_file: conda.yml }', 'is for Python; for Node the image is made from the code'],
    ['environment: { image: a, os_type: windows }', 'must be one of linux'],
    ['environment: { image: a, inference_config: { scoring_route: { port: 80 } } }', 'liveness_route is needed'],
    ['environment: { image: a, imag: b }', 'is not a key here; did you mean image?'],
    ['primary_key: in-the-open', 'is a secret and must not stand in the file'],
    ['model: azureml:m@latest', 'must be azureml:NAME:VERSION, but is "azureml:m@latest"'],
    ['model: { name: m }', 'must have a path, or the name and version'],
    ['instance_count:', 'has no value'],
    ['tags: [a]', 'must be an object of texts'],
    ['liveness_probe: 5', 'must be an object of failure_threshold'],
    ['scale_settings: { min_instances: 1 }', 'is needed'],
    ['name: x', 'must be 3 to 32 letters'],
    [`name: \${{ secrets.X }}`, 'has a reference that is not known'],
    [`name: \${{ env.X`, 'has a reference without an end'],
    [`name: \${{ env.NOT_SET }}`, 'needs the environment variable NOT_SET'],
    ['cpu_cores: 1', 'is not a key of the type online, but of aks, aci, aks_endpoint'],
    ['resources: { requests: { memory: lots } }', 'must be an amount of memory'],
    ['scale_settings: { type: target_utilization }', 'TargetUtilization needs compute;'],
    ['tags: &a { x: *a }', 'is an alias of itself'],
    ['name: blue\nname: green', 'Map keys must be unique'],
    ['tags: { a: ]', 'is not YAML'],
  ])('%s: %s', async (line, message) => {
    const faults = await here.faults(`${HEAD}${line}\n`);
    expect(faults.join('\n')).toContain(message);
    expect(faults[0]).toMatch(/^[34] /);
    expect(faults.join('\n')).not.toContain('in-the-open');
  });

  it('say that code does not go with an image of your own', async () => {
    expect(
      await here.faults(
        'endpoint_name: ep1\nenvironment: { image: a }\ncode_configuration:\n  code: src\n  scoring_script: s.mjs\n',
      ),
    ).toEqual([expect.stringMatching(/^4 code_configuration\.code does not go with environment: the image holds/)]);
  });

  it('name what is missing, and a type that is not known', async () => {
    expect(await here.faults('name: blue\n')).toEqual(['- endpoint_name is needed', '- code_configuration is needed']);
    expect(await here.faults('type: gpu\n')).toEqual([
      '1 type must be one of online, aks, aci, aks_endpoint, local, but is "gpu"',
    ]);
    expect(await here.faults('')).toHaveLength(1);
    expect(await here.faults('- a\n')).toEqual([expect.stringContaining('must be an object such as')]);
  });

  it('do not tell a value that came from the environment', async () => {
    const env = { TYPE: 'secret-1', COUNT: 'secret-2', KEY: 'secret-3' };
    const faults = await here.faults(
      `${HEAD}auth_mode: \${{ env.TYPE }}\ninstance_count: \${{ env.COUNT }}\nname: "-\${{ env.KEY }}-"\n`,
      env,
    );
    expect(faults).toHaveLength(3);
    expect(faults.join()).not.toContain('secret');
  });

  it('end aliases that would make millions of values', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `  l${n}: &l${n} {${'abcdefgh'.split('').map((c) => `${c}: ${n === 0 ? 1 : `*l${n - 1}`}`)}}`,
    );
    const faults = await here.faults(`${HEAD}tags:\n${levels.join('\n')}\n`);
    expect(faults.join()).toContain('more than 10000 values');
  });

  it('are found for every misspelled key of every type', async () => {
    const keys = Object.entries(KEYS).flatMap(([type, of]) => Object.keys(of).map((key) => [type, key] as const));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...keys.filter(([, key]) => key.length > 6)),
        fc.nat(),
        async ([type, key], at) => {
          const place = at % key.length;
          const wrong = `${key.slice(0, place)}q${key.slice(place)}`;
          const faults = await here.faults(`type: ${type}\n"${wrong}": 1\n`);
          expect(faults.filter((fault) => fault.startsWith('2 '))).toEqual([expect.stringContaining('did you mean')]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
