import type { Configuration, K8SliceConfiguration } from '../../schemas/wire.ts';
import { canonicalQuantity } from '../quantity.ts';
import type { Amounts } from './amounts.ts';

/** Amounts of a K8Slice configuration; a service configuration takes nothing from a node's parcels. */
export function configurationAmounts(configuration: Configuration): Amounts {
  if (configuration.type !== 'k8slice') return {};
  const { cpu, memory, pods, storage, gpu } = configuration.data;
  return {
    cpu: canonicalQuantity(cpu),
    memory: canonicalQuantity(memory),
    pods: canonicalQuantity(pods),
    ...(storage === undefined ? {} : { storage: canonicalQuantity(storage) }),
    ...(gpu === undefined ? {} : { gpuCores: canonicalQuantity(gpu.cores), gpuMemory: canonicalQuantity(gpu.memory) }),
  };
}

/** A configuration that asks for all of it. */
export function wholeConfiguration(amounts: Amounts, gpuModel = ''): Configuration {
  const { cpu = '0', memory = '0', pods = '0', storage, gpuCores, gpuMemory = '0' } = amounts;
  const data: K8SliceConfiguration = { cpu, memory, pods };
  if (storage !== undefined) data.storage = storage;
  if (gpuCores !== undefined) data.gpu = { model: gpuModel, cores: gpuCores, memory: gpuMemory };
  return { type: 'k8slice', data };
}
