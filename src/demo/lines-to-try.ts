import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureToolchain } from '../stack/toolchain/toolchain.ts';
import type { Paint } from '../view/style.ts';
import type { DemoSession } from './session.ts';

const command = fileURLToPath(new URL('../../bin/rearflow', import.meta.url));

/** Addresses of a stack that stays up, and lines to type next, complete as they stand. */
export async function linesToTry(
  { temporal, clusters, dir }: DemoSession,
  buyer: string,
  intent: string,
  paint: Paint,
): Promise<string[]> {
  const { paths } = await ensureToolchain({ env: process.env, onProgress: () => undefined });
  const rearflow = `node ${relative(process.cwd(), command)}`;
  const remote = clusters.find(({ name }) => name !== buyer) ?? clusters[0];
  const { address, uiAddress = '', namespaces } = temporal;
  return [
    '',
    paint('strong', 'The stack stays up:'),
    `  Temporal UI    ${uiAddress}/namespaces/${namespaces[buyer] ?? buyer}/workflows`,
    `  Temporal       ${address}`,
    ...clusters.map(({ name, kubeconfig, gateway = '' }) => `  ${name.padEnd(13)}  ${kubeconfig} (gateway ${gateway})`),
    `  logs           ${dir}`,
    '',
    paint('strong', 'Try:'),
    `  ${rearflow} status ${intent}`,
    `  ${rearflow} explain ${intent}`,
    `  ${rearflow} submit examples/intents/job.yaml --watch`,
    `  ${rearflow} list`,
    `  ${paths.temporal} workflow describe --address ${address} --namespace ${namespaces[buyer] ?? buyer} --workflow-id intent/${intent}`,
    `  kubectl --kubeconfig ${remote?.kubeconfig ?? ''} --namespace fluidos get flavors,contracts`,
    `  ${rearflow} stack down`,
  ];
}
