import { type BlobStores, startBlobStores } from './stores.ts';
import { startTap, type Tap } from './tap.ts';

/** A blob store with a tap before it, for all tests of a file; there from the first test on. */
export interface TappedStores {
  stores: BlobStores;
  tap: Tap;
  /** Lets everything pass from now on. */
  reset(): void;
}

/** Starts the store before the tests of a file, and ends it after them. */
export function tappedStores(): TappedStores {
  const here = {
    reset() {
      here.stores.proxy.clear();
      here.tap.decide = () => undefined;
    },
  } as TappedStores;
  beforeAll(async () => {
    here.stores = await startBlobStores();
    here.tap = await startTap(here.stores.proxy.connectionString);
  });
  afterAll(async () => {
    await here.tap.close();
    await here.stores.close();
  });
  return here;
}
