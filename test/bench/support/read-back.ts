import { openContainer } from '@azureml-ts/monitoring/format';

/** What a store holds of a model. */
export interface StoredRows {
  readonly files: number;
  readonly rows: number;
  /** Rows with an id of their own: each call had one row. */
  readonly distinct: number;
}

/** Correlation id, the caller's id, timestamp and request id: the last columns of each line, none of them with a comma. */
const ID_FROM_END = 4;

/** Counts the rows of a model in its blobs; the features must have no line breaks. */
export async function readBack(connectionString: string, modelName: string): Promise<StoredRows> {
  const container = await openContainer({ connectionString });
  const ids = new Set<string>();
  let files = 0;
  let rows = 0;
  for await (const { name } of container.listBlobsFlat()) {
    if (name.includes(`/${modelName}/`) && name.endsWith('.csv')) {
      files += 1;
      const text = (await container.getBlobClient(name).downloadToBuffer()).toString();
      for (const line of text.split('\n').slice(1)) {
        if (line !== '') {
          rows += 1;
          ids.add(line.split(',').at(-ID_FROM_END) ?? '');
        }
      }
    }
  }
  return { files, rows, distinct: ids.size };
}
