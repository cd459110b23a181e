/** What a replica asks for. */
export interface ReplicaNeeds {
  readonly cpu: number;
  readonly memoryInGb: number;
  readonly gpu: number;
}

/** Sizes of machines that online endpoints have, smallest first: name, cores, memory in GB, GPUs. Source: Azure's list of sizes. */
const SIZES: readonly (readonly [name: string, cpu: number, memoryInGb: number, gpu: number])[] = [
  ['Standard_DS3_v2', 4, 14, 0],
  ['Standard_DS4_v2', 8, 28, 0],
  ['Standard_E8s_v3', 8, 64, 0],
  ['Standard_DS5_v2', 16, 56, 0],
  ['Standard_E16s_v3', 16, 128, 0],
  ['Standard_E32s_v3', 32, 256, 0],
  ['Standard_NC4as_T4_v3', 4, 28, 1],
  ['Standard_NC8as_T4_v3', 8, 56, 1],
  ['Standard_NC16as_T4_v3', 16, 110, 1],
  ['Standard_NC64as_T4_v3', 64, 440, 4],
];

/**
 * The smallest size that holds a replica. Machines below `Standard_DS3_v2` are too small for the server and its health checks
 * under load, which azure-ai-ml warns of.
 *
 * @param needs What a replica asks for.
 * @returns The size, or `undefined` when none of the usual ones is large enough.
 */
export function suggestedInstanceType({ cpu, memoryInGb, gpu }: ReplicaNeeds): string | undefined {
  return SIZES.find(
    ([, cores, memory, gpus]) => cores >= cpu && memory >= memoryInGb && gpus >= gpu && gpus > 0 === gpu > 0,
  )?.[0];
}
