import { serviceLinks } from '../../src/webservice/service-links.ts';
import { openStandIn } from '../support/stand-in.ts';

const ID =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1';

describe('the links of a service', () => {
  it('lead to the studio before the workspace was read, and to everything after', async () => {
    const { standIn, workspace } = await openStandIn();
    const service = { workspace, name: 'churn', kind: 'OnlineEndpoint' };
    expect(serviceLinks(service)).toEqual({
      studio: `https://ml.azure.com/endpoints/realtime/churn/detail?wsid=${ID}`,
      appInsights: undefined,
      storage: undefined,
    });

    standIn.workspace = {
      ...standIn.workspace,
      properties: {
        ...(standIn.workspace['properties'] as object),
        tenantId: 't-1',
        storageAccount: '/subscriptions/s/resourceGroups/r g/providers/Microsoft.Storage/storageAccounts/acc',
        applicationInsights: '/subscriptions/s/resourceGroups/r/providers/microsoft.insights/components/ai',
      },
    };
    await workspace.get();
    expect(serviceLinks(service)).toEqual({
      studio: `https://ml.azure.com/endpoints/realtime/churn/detail?wsid=${ID}&tid=t-1`,
      appInsights:
        'https://portal.azure.com/#@t-1/resource/subscriptions/s/resourceGroups/r/providers/microsoft.insights/components/ai/overview',
      storage:
        'https://portal.azure.com/#@t-1/resource/subscriptions/s/resourceGroups/r%20g/providers/Microsoft.Storage/storageAccounts/acc/overview',
    });
  });

  it('lead into the cloud of the workspace', async () => {
    const { workspace } = await openStandIn({ workspace: { cloud: 'AzureChinaCloud' } });
    const { studio } = serviceLinks({ workspace, name: 'a/b&c', kind: 'AksWebservice' });
    expect(studio).toBe(`https://studio.ml.azure.cn/endpoints/realtime/a%2Fb%26c/detail?wsid=${ID}`);
  });

  it('are not there for a local service', async () => {
    const { workspace } = await openStandIn();
    await workspace.get();
    expect(serviceLinks({ workspace, name: 'svc', kind: 'LocalWebservice' })).toEqual({
      studio: undefined,
      appInsights: undefined,
      storage: undefined,
    });
  });
});
