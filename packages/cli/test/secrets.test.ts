import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setLogSink } from '@azureml-ts/common';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { main } from '../src/index.ts';
import { ioFor } from './recorded-io.ts';

let standIn: AzureStandIn;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  standIn = await startAzureStandIn();
});
afterEach(async () => {
  setLogSink(undefined);
  await standIn.close();
  rmSync(folder, { recursive: true });
});

/** What every command printed and wrote, on the way through good and bad times. */
async function everything(): Promise<string> {
  const summary = join(folder, 'summary.md');
  writeFileSync(summary, '');
  const storage = ['--storage', pathToFileURL(folder).href];
  const connection = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${standIn.secrets()[0]};BlobEndpoint=http://127.0.0.1:1/a;`;
  const texts: string[] = [];
  setLogSink((line) => void texts.push(line));
  const run = async (...argv: string[]) => {
    for (const output of ['table', 'json']) {
      for (const env of [{}, { GITHUB_ACTIONS: 'true', TF_BUILD: 'True', GITHUB_STEP_SUMMARY: summary }]) {
        const io = ioFor(standIn, env);
        io.ask = async () => 'yes';
        await main([...argv, '--output', output], io);
        texts.push(io.out, io.error);
      }
    }
  };
  const all = async (...names: readonly string[]) => {
    await run('service', 'list');
    for (const name of names) {
      await run('service', 'show', name);
      await run('service', 'update', name, '--enable-app-insights', '--collect-model-data', '--dry-run');
      await run('service', 'update', name, '--no-enable-app-insights', '--wait');
      await run('service', 'logs', name);
      await run('service', 'keys', name);
      await run('service', 'keys', name, '--regenerate', 'primary');
      await run('service', 'keys', name, '--rotate');
      await run('service', 'wait', name, '--timeout', '5');
      await run('service', 'run', name, '--data', '{"data":[[1]]}');
      await run('doctor', name, ...storage);
    }
    await run('service', 'update', 'loans', '--set', `storage=${JSON.stringify(connection)}`, '--wait');
    await run('service', 'update', 'loans', 'tokens', '--set-env', `PASSWORD=${standIn.secrets()[0]}`);
  };
  await all('loans', 'tokens', 'old-loans', 'old-aci', 'nobody');
  await run('doctor', 'loans', '--storage', connection, '--timeout', '0.2');
  for (const status of [401, 403, 409, 500]) {
    const echo = {
      error: { code: 'Broken', message: `primaryKey: ${standIn.secrets()[1]}, Bearer ${standIn.secrets()[2]}` },
    };
    standIn.fail({ status, body: echo, method: 'POST', times: Number.POSITIVE_INFINITY });
    await all('loans', 'old-aci');
    standIn.clearFaults();
  }
  for (const name of ['loans', 'old-loans']) {
    await run('service', 'delete', name, '--yes');
  }
  texts.push(readFileSync(summary, 'utf8'));
  return texts.join('\n');
}

describe('the command', () => {
  it('prints no key and no token, whatever happens', async () => {
    standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
    standIn.addEndpoint('tokens', { properties: { authMode: 'AMLToken' } });
    standIn.addService('old-loans');
    standIn.addService('old-aci', { computeType: 'ACI', authEnabled: true });
    for (const name of ['loans', 'tokens']) {
      const { logs } = standIn.addDeployment(name, 'blue', {
        properties: { environmentVariables: { API_KEY: standIn.secrets()[0] } },
      });
      logs['InferenceServer'] = [`connecting with AccountKey=${standIn.secrets()[1]};`];
    }
    const printed = await everything();
    expect(printed).toContain('OnlineEndpoint');
    expect(printed.length).toBeGreaterThan(10_000);
    const found = standIn.secrets().filter((secret) => printed.includes(secret));
    expect(found).toEqual([]);
    expect(standIn.secrets().length).toBeGreaterThan(10);
  }, 120_000);

  it('would be seen here to print one', async () => {
    standIn.addEndpoint('loans');
    const io = ioFor(standIn);
    await main(['service', 'keys', 'loans', '--show'], io);
    expect(standIn.secrets().filter((secret) => io.out.includes(secret))).toHaveLength(2);
  });
});
