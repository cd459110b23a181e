/** Whether an address is that of a storage account's blobs. @internal */
export function isBlobAddress({ hostname }: URL): boolean {
  return /^[^.]+\.blob\./i.test(hostname);
}
