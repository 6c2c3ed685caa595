import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';

/** @param kubeconfig path of an administrator's kubeconfig @returns the cluster as user `as` sees it */
export function speakingFor(kubeconfig: string, as: string): Cluster {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
  const users = config.users.map((each) => ({ ...each, user: { ...each.user, as } }));
  return connectCluster(stringify({ ...config, users }));
}
