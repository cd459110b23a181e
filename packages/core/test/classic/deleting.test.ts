import type { AciWebservice } from '../../src/classic/aci-webservice.ts';
import type { AksWebservice } from '../../src/classic/aks-webservice.ts';
import type { UnknownWebservice } from '../../src/classic/unknown-webservice.ts';
import { WebserviceNotFoundError } from '../../src/errors.ts';
import { collectLog, openService, rejection } from './support.ts';

describe('deleting a classic service', () => {
  it('lets the service check it, and waits until it is gone', async () => {
    const { azure, service, sent, paths } = await openService<AksWebservice>();

    await service.delete();

    expect(paths().map((path) => path.replace(/operations\/[^?]*/, 'operations/ID'))).toEqual([
      'POST services/validate',
      'DELETE services/svc',
      'GET operations/ID',
      'GET operations/ID?offset=0',
    ]);
    expect(sent()[0]?.body).toEqual({
      type: 'Delete',
      serviceName: 'svc',
      createRequest: null,
      updateRequest: null,
    });
    expect(service.state).toBe('Deleted');
    expect(azure.service('svc')).toBeUndefined();
    await expect(service.refresh()).rejects.toBeInstanceOf(WebserviceNotFoundError);
  });

  it('needs no wait when it is gone at once, and does not wait when told so', async () => {
    const { service: aci, paths } = await openService<AciWebservice>({ computeType: 'ACI' });
    await aci.delete();
    expect(aci.state).toBe('Deleted');
    expect(paths()).toEqual(['POST services/validate', 'DELETE services/svc']);

    const { azure, service } = await openService<AksWebservice>();
    azure.planOperations({ polls: Number.POSITIVE_INFINITY });
    await service.delete({ wait: false });
    expect(service.state).toBe('Deleting');
    await expect(service.delete({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('is no failure when the service is gone already', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ method: 'DELETE', status: 204, body: '' });
    const log = collectLog();

    await service.delete();

    expect(service.state).toBe('Deleted');
    expect(log.join()).toContain('no such service');
  });

  it('makes no check for a kind that has none', async () => {
    const { service, paths } = await openService<UnknownWebservice>({ computeType: 'FPGA' });

    await service.delete();

    expect(paths()[0]).toBe('DELETE services/svc');
  });

  it('raises when the service is busy, and stays as it was', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ method: 'DELETE', status: 409, body: { message: 'busy' } });

    const error = await rejection(service.delete());

    expect(error).toMatchObject({ code: 'CONFLICT', statusCode: 409 });
    expect(error.message).toContain('busy');
    expect(service.state).toBe('Healthy');
  });

  it('raises when the check says no', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ url: '/services/validate', status: 200, body: { error: { message: 'in use' } } });

    await expect(service.delete()).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
    expect(azure.service('svc')).toBeDefined();
  });

  it('raises when the deletion fails', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.planOperations({ outcome: 'Failed', error: { code: 'Locked', message: 'locked' } });

    await expect(service.delete()).rejects.toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'Locked' });
    expect(service.state).toBe('Healthy');
  });
});
