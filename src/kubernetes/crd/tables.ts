import { AllocationSpec, AllocationStatus } from '../../schemas/tables/allocation.ts';
import { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import { DiscoverySpec, DiscoveryStatus } from '../../schemas/tables/discovery.ts';
import { FlavorSpec, FlavorStatus } from '../../schemas/tables/flavor.ts';
import { IntentSpec, IntentStatus } from '../../schemas/tables/intent.ts';
import { KnownClusterSpec, KnownClusterStatus } from '../../schemas/tables/known-cluster.ts';
import { PeeringCandidateSpec, PeeringCandidateStatus } from '../../schemas/tables/peering-candidate.ts';
import { RatingSpec, RatingStatus } from '../../schemas/tables/rating.ts';
import { ReceiptSpec, ReceiptStatus } from '../../schemas/tables/receipt.ts';
import { ReservationSpec, ReservationStatus } from '../../schemas/tables/reservation.ts';
import { ServiceBlueprintSpec, ServiceBlueprintStatus } from '../../schemas/tables/service-blueprint.ts';
import { SolverSpec, SolverStatus } from '../../schemas/tables/solver.ts';
import { TransactionSpec, TransactionStatus } from '../../schemas/tables/transaction.ts';
import { tableKinds } from '../table-kinds.ts';
import type { Column, Table } from './table.ts';

const age: Column = { name: 'Age', path: '.metadata.creationTimestamp', type: 'date' };

/** All tables (docs/architecture.md 7); short names are those of the FLUIDOS node where it has them. */
export const tables: readonly Table[] = [
  {
    kind: tableKinds.Flavor,
    shortNames: ['fl'],
    description: 'An offer of resources or of a service.',
    spec: FlavorSpec,
    status: FlavorStatus,
    columns: [
      { name: 'Provider', path: '.spec.providerID' },
      { name: 'Type', path: '.spec.flavorType.typeIdentifier' },
      { name: 'Available', path: '.spec.availability', type: 'boolean' },
      { name: 'Phase', path: '.status.phase' },
      { name: 'CPU', path: '.spec.flavorType.typeData.characteristics.cpu' },
      { name: 'Memory', path: '.spec.flavorType.typeData.characteristics.memory' },
      { name: 'Origin', path: '.spec.origin', priority: 1 },
      { name: 'Price', path: '.spec.price.amount', priority: 1 },
      age,
    ],
  },
  {
    kind: tableKinds.Allocation,
    shortNames: ['alloc', 'allocs'],
    description: 'What a contract occupies.',
    spec: AllocationSpec,
    status: AllocationStatus,
    columns: [
      { name: 'Type', path: '.spec.type' },
      { name: 'Contract', path: '.spec.contractID' },
      { name: 'Node', path: '.spec.nodeName' },
      { name: 'Status', path: '.status.status' },
      age,
    ],
  },
  {
    kind: tableKinds.Solver,
    shortNames: ['sol'],
    description: 'A request in the words of the FLUIDOS node.',
    spec: SolverSpec,
    status: SolverStatus,
    columns: [
      { name: 'Intent', path: '.spec.intentID' },
      { name: 'Find', path: '.status.findCandidate' },
      { name: 'Buy', path: '.status.reserveAndBuy' },
      { name: 'Peering', path: '.status.peering' },
      { name: 'Status', path: '.status.solverPhase.phase' },
      { name: 'Message', path: '.status.solverPhase.message', priority: 1 },
      age,
    ],
  },
  {
    kind: tableKinds.ServiceBlueprint,
    shortNames: ['sbp'],
    description: 'A service that can be offered.',
    spec: ServiceBlueprintSpec,
    status: ServiceBlueprintStatus,
    columns: [{ name: 'Name', path: '.spec.name' }, { name: 'Category', path: '.spec.category' }, age],
  },
  {
    kind: tableKinds.Discovery,
    shortNames: ['dis'],
    description: 'One search for flavors.',
    spec: DiscoverySpec,
    status: DiscoveryStatus,
    columns: [
      { name: 'Solver', path: '.spec.solverID' },
      { name: 'Phase', path: '.status.phase.phase' },
      { name: 'Asked', path: '.status.asked', type: 'integer' },
      { name: 'Answered', path: '.status.answered', type: 'integer' },
      { name: 'Message', path: '.status.phase.message', priority: 1 },
      age,
    ],
  },
  {
    kind: tableKinds.PeeringCandidate,
    shortNames: ['pcand'],
    description: "Somebody else's flavor as last seen.",
    spec: PeeringCandidateSpec,
    status: PeeringCandidateStatus,
    columns: [
      { name: 'Provider', path: '.spec.flavor.spec.providerID' },
      { name: 'Flavor', path: '.spec.flavor.metadata.name' },
      { name: 'Available', path: '.spec.available', type: 'boolean' },
      { name: 'Expires', path: '.status.expirationTime' },
      age,
    ],
  },
  {
    kind: tableKinds.Reservation,
    shortNames: ['res'],
    description: "The buyer's record of one reservation and purchase.",
    spec: ReservationSpec,
    status: ReservationStatus,
    columns: [
      { name: 'Seller', path: '.spec.seller.nodeID' },
      { name: 'Reserve', path: '.status.reservePhase' },
      { name: 'Purchase', path: '.status.purchasePhase' },
      { name: 'Transaction', path: '.status.transactionID', priority: 1 },
      { name: 'Contract', path: '.status.contract.name' },
      { name: 'Phase', path: '.status.phase.phase' },
      age,
    ],
  },
  {
    kind: tableKinds.Contract,
    shortNames: ['contr'],
    description: 'A sale.',
    spec: ContractSpec,
    status: ContractStatus,
    columns: [
      { name: 'Buyer', path: '.spec.buyer.nodeID' },
      { name: 'Seller', path: '.spec.seller.nodeID' },
      { name: 'Flavor', path: '.spec.flavor.metadata.name' },
      { name: 'Expires', path: '.spec.expirationTime' },
      { name: 'Phase', path: '.status.phase' },
      age,
    ],
  },
  {
    kind: tableKinds.Transaction,
    shortNames: ['tr'],
    description: 'A reservation with its deadline.',
    spec: TransactionSpec,
    status: TransactionStatus,
    columns: [
      { name: 'Flavor', path: '.spec.flavorID' },
      { name: 'Buyer', path: '.spec.buyer.nodeID' },
      { name: 'Expires', path: '.spec.expirationTime' },
      { name: 'Phase', path: '.status.phase' },
      age,
    ],
  },
  {
    kind: tableKinds.KnownCluster,
    shortNames: ['kclust', 'kclusts'],
    description: 'A node that may be asked for flavors.',
    spec: KnownClusterSpec,
    status: KnownClusterStatus,
    columns: [
      { name: 'Address', path: '.spec.address' },
      { name: 'Node', path: '.spec.nodeID' },
      { name: 'Expires', path: '.status.expirationTime' },
      age,
    ],
  },
  {
    kind: tableKinds.Intent,
    shortNames: ['rfi'],
    description: 'What a user states.',
    spec: IntentSpec,
    status: IntentStatus,
    columns: [
      { name: 'Phase', path: '.status.phase' },
      { name: 'Outcome', path: '.status.outcome' },
      { name: 'Provider', path: '.status.provider' },
      { name: 'Contract', path: '.status.contract' },
      { name: 'Message', path: '.status.message', priority: 1 },
      age,
    ],
  },
  {
    kind: tableKinds.Rating,
    shortNames: ['rfr'],
    description: 'What experience says about a provider.',
    spec: RatingSpec,
    status: RatingStatus,
    columns: [
      { name: 'Provider', path: '.spec.provider' },
      { name: 'Score', path: '.spec.score', type: 'number' },
      { name: 'Contracts', path: '.spec.contracts', type: 'integer' },
      age,
    ],
  },
  {
    kind: tableKinds.Receipt,
    shortNames: ['rfrec'],
    description: 'The end of an intent and the proof that nothing is left.',
    spec: ReceiptSpec,
    status: ReceiptStatus,
    columns: [
      { name: 'Intent', path: '.spec.intent' },
      { name: 'Outcome', path: '.spec.outcome' },
      { name: 'Provider', path: '.spec.provider' },
      { name: 'Contract', path: '.spec.contractID' },
      age,
    ],
  },
];
