import { AzuremlError, errorMessage } from '@azureml-ts/common';

/** The packages that write Parquet: the Arrow project's own writer in WebAssembly, and the tables that it takes. */
export interface ParquetLibrary {
  /** Tables in memory. */
  readonly arrow: typeof import('apache-arrow');
  /** The writer. */
  readonly parquet: typeof import('parquet-wasm');
}

/**
 * Loads the packages that write Parquet, at first use. They load nothing from the network: the WebAssembly file is a part
 * of the package.
 *
 * @param load Loads them; tests pass their own.
 * @throws AzuremlError `PARQUET_NOT_INSTALLED` naming the command that installs them.
 */
export async function loadParquet(load: () => Promise<ParquetLibrary> = loadPackages): Promise<ParquetLibrary> {
  try {
    return await load();
  } catch (cause) {
    throw new AzuremlError(
      'PARQUET_NOT_INSTALLED',
      `Parquet is written with the packages parquet-wasm and apache-arrow, which could not be loaded: ${errorMessage(cause)}. ` +
        'Add them: npm install parquet-wasm apache-arrow',
      { cause },
    );
  }
}

async function loadPackages(): Promise<ParquetLibrary> {
  const [arrow, parquet] = await Promise.all([import('apache-arrow'), import('parquet-wasm')]);
  return { arrow, parquet };
}
