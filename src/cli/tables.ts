import type { Command } from 'commander';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import type { FlavorSpec, FlavorStatus } from '../schemas/tables/flavor.ts';
import type { KnownClusterSpec } from '../schemas/tables/known-cluster.ts';
import type { PeeringCandidateSpec, PeeringCandidateStatus } from '../schemas/tables/peering-candidate.ts';
import type { TransactionSpec, TransactionStatus } from '../schemas/tables/transaction.ts';
import type { Row } from '../tables/rows.ts';
import { tableLines } from '../view/table.ts';
import { addClusterOptions, withCluster, type AccessOptions, type NodeAccess } from './access.ts';
import { outputOption, print, type Format } from './output.ts';

type Options = AccessOptions & { readonly output: Format };
/** One line of a table: title → text. */
type Line = Readonly<Record<string, string>>;
type Read = (node: NodeAccess) => Promise<readonly Line[]>;

/** Commands that read the tables of a node through its Kubernetes API. */
export function addTableCommands(program: Command): void {
  const table = (name: string, says: string, empty: string, read: Read): void => {
    const command = program.command(name).description(says);
    addClusterOptions(command)
      .addOption(outputOption())
      .action(async (options: Options) => {
        const lines = await withCluster(options, read);
        print(options.output, lines, (paint) =>
          lines.length === 0 ? [empty] : tableLines(columnsOf(lines), lines, paint),
        );
      });
  };
  table('flavors', 'List what this node offers', 'This node offers nothing.', flavors);
  table('reservations', 'List who holds or bought what of this node', 'Nobody has reserved anything.', reservations);
  table('candidates', "List other nodes' flavors, as last seen", 'Nothing was discovered yet.', candidates);
  table('contracts', 'List what was bought and sold', 'Nothing was bought or sold.', contracts);
  table('peers', 'List the nodes that are known, and how', 'No other node is known.', peers);
}

const columnsOf = (lines: readonly Line[]) =>
  Object.keys(lines[0] ?? {}).map((title) => ({ title, cell: (line: Line) => line[title] ?? '' }));

async function flavors({ cluster, config }: NodeAccess): Promise<Line[]> {
  const { namespace } = config.tables;
  const { items } = await cluster.list<Row<FlavorSpec, FlavorStatus>>(tableKinds.Flavor, { namespace });
  return items.map(({ metadata, spec, status }) => ({
    flavor: metadata.name ?? '',
    origin: spec.origin ?? '',
    ...amounts(spec.flavorType.typeData),
    price: priceText(spec.price),
    phase: status?.phase ?? (spec.availability ? 'free' : ''),
  }));
}

async function reservations({ cluster, config }: NodeAccess): Promise<Line[]> {
  const { namespace } = config.tables;
  const { items } = await cluster.list<Row<TransactionSpec, TransactionStatus>>(tableKinds.Transaction, { namespace });
  return items.map(({ metadata, spec, status }) => ({
    transaction: metadata.name ?? '',
    flavor: spec.flavorID,
    buyer: spec.buyer.nodeID,
    ...amounts({ characteristics: spec.configuration?.data }),
    until: spec.expirationTime ?? '',
    phase: status?.phase ?? '',
    contract: status?.contractID ?? '',
  }));
}

async function candidates({ cluster, config }: NodeAccess): Promise<Line[]> {
  const kind = tableKinds.PeeringCandidate;
  const { namespace } = config.tables;
  const { items } = await cluster.list<Row<PeeringCandidateSpec, PeeringCandidateStatus>>(kind, { namespace });
  return items.map(({ spec, status }) => ({
    flavor: spec.flavor.metadata?.name ?? '',
    owner: spec.flavor.spec.owner.nodeID,
    ...amounts(spec.flavor.spec.flavorType.typeData),
    price: priceText(spec.flavor.spec.price),
    endpoint: spec.endpoint ?? '',
    expires: status?.expirationTime ?? '',
  }));
}

async function contracts({ cluster, config }: NodeAccess): Promise<Line[]> {
  const { namespace } = config.tables;
  const { items } = await cluster.list<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, { namespace });
  return items.map(({ metadata, spec, status }) => ({
    contract: metadata.name ?? '',
    seller: spec.seller.nodeID,
    buyer: spec.buyer.nodeID,
    ...amounts({ characteristics: spec.configuration?.data }),
    until: spec.expirationTime ?? '',
    phase: status?.phase ?? '',
  }));
}

async function peers({ cluster, config }: NodeAccess): Promise<Line[]> {
  const { namespace } = config.tables;
  const [known, foreign] = await Promise.all([
    cluster.list<Row<KnownClusterSpec>>(tableKinds.KnownCluster, { namespace }),
    cluster.list(liqoKinds.ForeignCluster),
  ]);
  const rows = known.items.map(({ spec }) => ({
    peer: spec.nodeID ?? '',
    address: spec.address,
    domain: spec.domain ?? '',
    source: spec.source ?? 'table',
  }));
  const configured = config.discovery.endpoints
    .filter((endpoint) => !rows.some(({ address }) => address === endpoint))
    .map((address) => ({ peer: '', address, domain: '', source: 'configuration' }));
  const peered = foreign.items.map(({ metadata }) => ({
    peer: metadata.name ?? '',
    address: '',
    domain: '',
    source: 'peered with Liqo now',
  }));
  return [...rows, ...configured, ...peered];
}

function amounts(typeData: unknown): { cpu: string; memory: string; pods: string } {
  const { characteristics } = typeData as { characteristics?: Readonly<Record<string, unknown>> | undefined };
  const text = (key: string): string => {
    const value = characteristics?.[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return { cpu: text('cpu'), memory: text('memory'), pods: text('pods') };
}

const priceText = ({ amount, currency, period }: FlavorSpec['price']): string =>
  amount === '' ? 'free' : `${amount} ${currency} ${period}`;
