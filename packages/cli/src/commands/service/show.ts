import type { Webservice } from '@azureml-ts/core';
import type { Command } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { fieldsText, writeDocument } from '../../output/documents.ts';
import type { Row } from '../../output/table.ts';

/** `azureml-ts service show`: one service, its settings and its addresses for people. */
export function addServiceShow(parent: Command, io: CommandIo): void {
  addServiceOptions(parent.command('show').description('show a service').argument('<name>')).action(
    async (name: string, options: ServiceCliOptions) => {
      const { service } = await findService(name, options, io);
      const shown = serviceDocument(service);
      // The whole answer of the service is for programs.
      const { resource, ...fields } = shown;
      await (options.output === 'json' ? writeDocument(io, { service: shown }) : io.writeOut(fieldsText(io, fields)));
    },
  );
}

/** A service as JSON: its own form, and its addresses for people. */
export function serviceDocument(service: Webservice): Row {
  return { ...service.toJSON(), links: { ...service.links } };
}
