import type { Configuration } from '../schemas/wire.ts';

/** A configuration in words, for summaries: `2 CPU, 4Gi`, with `, 1 GPU` where there is one. */
export function formatConfiguration(configuration: Configuration): string {
  if (configuration.type !== 'k8slice') return `a ${configuration.type}`;
  const { cpu, memory, gpu } = configuration.data;
  return [`${cpu} CPU`, memory, ...(gpu ? [`${gpu.cores} GPU`] : [])].join(', ');
}
