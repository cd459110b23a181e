import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { arm, mms, sendMeant } from './support.ts';

describe('scoring against the stand-in', () => {
  let azure: AzureStandIn;

  beforeEach(async () => {
    azure = await startAzureStandIn();
  });

  afterEach(() => azure.close());

  const score = (url: unknown, token?: string, headers: Record<string, string> = {}) =>
    sendMeant(azure, 'POST', String(url), {
      body: { data: [[1, 2]] },
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    });

  describe('an online endpoint', () => {
    const URL = 'https://loans.westus.inference.ml.azure.com/score';

    beforeEach(() => {
      azure.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
      azure.addDeployment('loans', 'blue');
      azure.addDeployment('loans', 'green');
    });

    it('answers what it was sent, from the deployment with the traffic', async () => {
      const reply = await score(URL, azure.endpoint('loans')?.keys.secondaryKey);
      expect([reply.status, reply.body]).toEqual([200, { data: [[1, 2]] }]);
      expect(reply.headers['azureml-model-deployment']).toBe('blue');
      expect(azure.exchanges()[0]).toMatchObject({
        plane: 'scoring',
        url: URL,
        headers: { host: new globalThis.URL(URL).host },
      });
    });

    it('answers what the test wants', async () => {
      const endpoint = azure.endpoint('loans');
      if (endpoint !== undefined) {
        endpoint.score = ({ deploymentName, body }) => ({
          status: 202,
          body: { deploymentName, length: body.length },
          headers: { 'x-own': 'yes' },
        });
      }
      const reply = await score(URL, endpoint?.keys.primaryKey, { 'azureml-model-deployment': 'green' });
      expect([reply.status, reply.body, reply.headers['x-own']]).toEqual([
        202,
        { deploymentName: 'green', length: 16 },
        'yes',
      ]);
    });

    it('waits for an answer that takes its time, and says what went wrong with it', async () => {
      const endpoint = azure.endpoint('loans');
      if (endpoint !== undefined) {
        endpoint.score = async ({ body, headers }) => {
          const text = await new Response(body).text();
          if (headers['x-broken'] !== undefined) {
            throw new Error('the server behind it is gone');
          }
          return { body: { length: text.length } };
        };
      }
      const key = endpoint?.keys.primaryKey;
      expect((await score(URL, key)).body).toEqual({ length: 16 });
      const broken = await score(URL, key, { 'x-broken': 'yes' });
      expect([broken.status, JSON.stringify(broken.body)]).toEqual([500, expect.stringContaining('is gone')]);
    });

    it('refuses no key, a wrong one, one that was replaced, and a token of the management plane', async () => {
      const old = azure.endpoint('loans')?.keys.primaryKey;
      const { call, finished } = arm(azure);
      await finished(await call('POST', '/onlineEndpoints/loans/regenerateKeys', { keyType: 'Primary' }));
      const { token } = await azure.credential.getToken('https://management.azure.com/.default');
      for (const key of [undefined, 'wrong', old, token]) {
        expect((await score(URL, key)).status).toBe(401);
      }
    });

    it('divides the traffic by its shares, exactly', async () => {
      const endpoint = azure.addEndpoint('split', { properties: { traffic: { blue: 75, green: 25, red: 0 } } });
      for (const name of ['blue', 'green', 'red']) {
        azure.addDeployment('split', name);
      }
      const counts: Record<string, number> = {};
      for (let request = 0; request < 20; request += 1) {
        const { headers } = await score('https://split.westus.inference.ml.azure.com/score', endpoint.keys.primaryKey);
        const name = headers['azureml-model-deployment'] ?? '';
        counts[name] = (counts[name] ?? 0) + 1;
      }
      expect(counts).toEqual({ blue: 15, green: 5 });
    });

    it('says 404 for a deployment that is not there, for no traffic, and for an endpoint that is not there', async () => {
      const key = azure.endpoint('loans')?.keys.primaryKey;
      const unknown = await score(URL, key, { 'azureml-model-deployment': 'none' });
      expect([unknown.status, unknown.body]).toEqual([
        404,
        expect.stringContaining('No valid deployments to route to'),
      ]);
      azure.addEndpoint('idle');
      azure.addDeployment('idle', 'blue');
      const idle = await score(
        'https://idle.westus.inference.ml.azure.com/score',
        azure.endpoint('idle')?.keys.primaryKey,
      );
      expect(idle.status).toBe(404);
      expect((await score('https://none.westus.inference.ml.azure.com/score', key)).status).toBe(404);
    });

    it('with token authentication takes its own tokens, and no key', async () => {
      for (const name of ['aml', 'aml2']) {
        azure.addEndpoint(name, { properties: { authMode: 'AMLToken', traffic: { blue: 100 } } });
        azure.addDeployment(name, 'blue');
      }
      const { body } = await arm(azure).call('POST', '/onlineEndpoints/aml/token');
      expect((await score('https://aml.westus.inference.ml.azure.com/score', body.accessToken)).status).toBe(200);
      expect((await score('https://aml2.westus.inference.ml.azure.com/score', body.accessToken)).status).toBe(401);
      expect(
        (await score('https://aml.westus.inference.ml.azure.com/score', azure.endpoint('aml')?.keys.primaryKey)).status,
      ).toBe(401);
    });

    it('with Entra authentication takes tokens of the scope ml.azure.com', async () => {
      azure.addEndpoint('aad', { properties: { authMode: 'AADToken', traffic: { blue: 100 } } });
      azure.addDeployment('aad', 'blue');
      const good = await azure.credential.getToken('https://ml.azure.com/.default');
      const other = await azure.credential.getToken(['https://management.azure.com/.default']);
      const url = 'https://aad.westus.inference.ml.azure.com/score';
      expect((await score(url, good.token)).status).toBe(200);
      expect((await score(url, other.token)).status).toBe(401);
    });

    it('shows its interface, and refuses what is no scoring', async () => {
      const authorization = `Bearer ${azure.endpoint('loans')?.keys.primaryKey}`;
      const swagger = await sendMeant(azure, 'GET', URL.replace('score', 'swagger.json'), {
        headers: { authorization },
      });
      expect(swagger.body.swagger).toBe('2.0');
      expect((await sendMeant(azure, 'DELETE', URL, { headers: { authorization } })).status).toBe(405);
    });
  });

  describe('a classic service', () => {
    it('takes its keys, its tokens, or anybody, as it is set', async () => {
      const service = azure.addService('svc');
      const { scoringUri } = service.resource;
      expect(scoringUri).toBe('https://aks1.westus.cloudapp.azure.com/api/v1/service/svc/score');
      expect((await score(scoringUri, service.keys.primaryKey)).body).toEqual({ data: [[1, 2]] });
      expect((await score(scoringUri)).status).toBe(401);
      Object.assign(service.resource, { authEnabled: false, aadAuthEnabled: true });
      const { body } = await mms(azure).call('POST', '/services/svc/token');
      expect((await score(scoringUri, body.accessToken)).status).toBe(200);
      expect((await score(scoringUri, service.keys.primaryKey)).status).toBe(401);
      service.resource['aadAuthEnabled'] = false;
      expect((await score(scoringUri)).status).toBe(200);
    });

    it('scores on ACI and at an endpoint of AKS, and where the test says', async () => {
      const aci = azure.addService('aci', { computeType: 'ACI' });
      const endpoint = azure.addService('ep', { computeType: 'AKSENDPOINT' });
      const own = azure.addService('own', { scoringUri: 'http://10.1.2.3:80/api/v1/service/own/score' });
      for (const { resource, keys } of [aci, endpoint, own]) {
        expect((await score(resource['scoringUri'], keys.primaryKey)).status).toBe(200);
      }
      expect(azure.exchanges().at(-1)?.url).toBe('http://10.1.2.3/api/v1/service/own/score');
    });
  });

  it('a score function that throws is answered with 500 and its message', async () => {
    const service = azure.addService('svc', { authEnabled: false });
    service.score = () => {
      throw new Error('broken by the test');
    };
    const reply = await score(service.resource['scoringUri']);
    expect([reply.status, JSON.stringify(reply.body)]).toEqual([500, expect.stringContaining('broken by the test')]);
  });
});
