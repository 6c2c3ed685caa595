import type { Client } from '@temporalio/client';
import type { Cluster } from '../kubernetes/cluster.ts';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { sliceName } from '../liqo/names.ts';
import { enforcePlacement } from '../liqo/policies/placement-policy.ts';
import { awaitsDecision, claimedContract, decideSlice, type Decision } from '../liqo/slices/decision.ts';
import type { ResourceSlice } from '../liqo/slices/slice.ts';
import { configurationAmounts } from '../market/ledger/configuration.ts';
import {
  contractStatusQuery,
  contractWorkflowId,
  inForce,
  sliceAdmittedSignal,
} from '../messages/contract/messages.ts';
import type { Self } from '../platform/identity.ts';
import type { Logger } from '../platform/log.ts';
import type { Running } from '../platform/running.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { Configuration } from '../schemas/wire.ts';
import { resourceList } from '../tables/codec.ts';
import type { Row } from '../tables/rows.ts';

export interface SliceClassDeps {
  readonly cluster: Cluster;
  readonly self: Self;
  readonly client: Client;
  readonly namespace: string;
  readonly log: Logger;
}

/** How long one decision may take, milliseconds; then it is tried again. */
const decisionMs = 30_000;

/**
 * Class controller of Liqo's ResourceSlices of class `rearflow`: an arriving slice is granted the figures of its signed
 * contract, or denied when there is none.
 *
 * @see docs/steps.md 23; docs/architecture.md 4.4
 */
export function startSliceClass(deps: SliceClassDeps): Running {
  const { cluster, log } = deps;
  const deciding = new Map<string, Promise<void>>();
  const stop = new AbortController();

  const decideOnce = (slice: ResourceSlice): void => {
    const uid = slice.metadata.uid ?? '';
    if (deciding.has(uid) || !isRipe(slice, deps.self)) return;
    const work = decide(deps, slice, stop.signal)
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        log.warn({ slice: slice.metadata.name, reason: String(error) }, 'could not decide on a slice; will try again');
        setTimeout(() => void again(slice), 1_000).unref();
      })
      .finally(() => deciding.delete(uid));
    deciding.set(uid, work);
  };
  const again = async (slice: ResourceSlice): Promise<void> => {
    const { name = '', namespace } = slice.metadata;
    const now = await cluster.get<ResourceSlice>(liqoKinds.ResourceSlice, name, namespace).catch(() => slice);
    if (now && !stop.signal.aborted) decideOnce(now);
  };

  const watch = cluster.watch<ResourceSlice>(liqoKinds.ResourceSlice, {}, (event) => {
    if (event.type === 'set') decideOnce(event.object);
  });
  return {
    async close() {
      stop.abort();
      watch.close();
      await Promise.all(deciding.values());
    },
  };
}

async function decide(deps: SliceClassDeps, slice: ResourceSlice, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(decisionMs)]);
  const step = { signal, heartbeat: () => undefined };
  const cluster = deps.cluster.bound(signal);
  const { name = '', namespace = '' } = slice.metadata;
  const contractID = claimedContract(slice) ?? '';
  const kind = tableKinds.Contract;
  const row = contractID && (await cluster.get<Row<ContractSpec, ContractStatus>>(kind, contractID, deps.namespace));
  const contract = deps.client.workflow.getHandle(contractWorkflowId(contractID));
  let decision = row ? judge(slice, contractID, row, deps.self) : { deny: 'no contract of this node is named' };
  if (row && 'grant' in decision) {
    const nodes = [row.spec.extraInformation?.['rearflow.io/node'] ?? ''];
    const { resources } = decision.grant;
    const placement = { slice: name, consumerId: row.spec.buyerClusterID, nodes, resources };
    // The row says so only in the end, and what is granted after the end began nobody would take back.
    const [{ phase }] = await Promise.all([
      contract.query(contractStatusQuery),
      enforcePlacement(cluster, placement, deps.namespace, step),
    ]);
    if (!inForce(phase)) decision = { deny: over(contractID) };
  }
  await decideSlice(cluster, namespace, name, decision, step);
  if ('grant' in decision) await contract.signal(sliceAdmittedSignal, { slice: name, namespace });
  deps.log.info({ slice: name, contract: contractID, granted: 'grant' in decision }, 'slice decided');
}

/**
 * May a decision be made? Only on the copy that arrived from a buyer and asks this cluster, and only when its Liqo has
 * filled in who it is: it writes `consumerClusterID` a moment after the slice was created, and the copy may be faster.
 */
export function isRipe(slice: ResourceSlice, { liqoID }: Pick<Self, 'liqoID'>): boolean {
  const arrived = slice.metadata.labels?.['liqo.io/replicated'] === 'true';
  const { consumerClusterID, providerClusterID = liqoID } = slice.spec;
  return arrived && Boolean(consumerClusterID) && providerClusterID === liqoID && awaitsDecision(slice);
}

const over = (contractID: string): string => `contract ${contractID} is over`;

/** What the contract says about this slice; more asked than bought is granted what was bought. */
export function judge(
  slice: ResourceSlice,
  contractID: string,
  { spec, status }: Pick<Row<ContractSpec, ContractStatus>, 'spec' | 'status'>,
  self: Self,
): Decision {
  if (status?.phase !== 'Active') return { deny: over(contractID) };
  if (spec.seller.nodeID !== self.nodeID) return { deny: `contract ${contractID} was not sold by this node` };
  if (spec.buyerClusterID !== slice.spec.consumerClusterID) return { deny: `contract ${contractID} is not yours` };
  if (slice.metadata.name !== sliceName(self.liqoID, contractID))
    return { deny: 'this contract has a slice of another name' };
  const { type = '', data } = spec.configuration ?? {};
  const configuration = Configuration.safeParse({ type: type.toLowerCase(), data });
  if (!configuration.success || configuration.data.type !== 'k8slice')
    return { deny: `contract ${contractID} holds no K8Slice` };
  return {
    grant: {
      resources: resourceList(configurationAmounts(configuration.data)),
      nodeLabels: { 'rearflow.io/contract': contractID },
      nodeSelector: { 'kubernetes.io/hostname': spec.extraInformation?.['rearflow.io/node'] ?? '' },
    },
  };
}
