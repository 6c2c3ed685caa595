import type { Kind } from './cluster.ts';

function table(group: string, name: string, plural: string): Kind {
  return { apiVersion: `${group}/v1alpha1`, kind: name, plural, namespaced: true };
}

/** Kinds of rearflow's tables: those of the FLUIDOS node, then our own (docs/architecture.md 7). */
export const tableKinds = {
  Flavor: table('nodecore.fluidos.eu', 'Flavor', 'flavors'),
  Allocation: table('nodecore.fluidos.eu', 'Allocation', 'allocations'),
  Solver: table('nodecore.fluidos.eu', 'Solver', 'solvers'),
  ServiceBlueprint: table('nodecore.fluidos.eu', 'ServiceBlueprint', 'serviceblueprints'),
  Discovery: table('advertisement.fluidos.eu', 'Discovery', 'discoveries'),
  PeeringCandidate: table('advertisement.fluidos.eu', 'PeeringCandidate', 'peeringcandidates'),
  Reservation: table('reservation.fluidos.eu', 'Reservation', 'reservations'),
  Contract: table('reservation.fluidos.eu', 'Contract', 'contracts'),
  Transaction: table('reservation.fluidos.eu', 'Transaction', 'transactions'),
  KnownCluster: table('network.fluidos.eu', 'KnownCluster', 'knownclusters'),
  Intent: table('rearflow.io', 'Intent', 'intents'),
  Rating: table('rearflow.io', 'Rating', 'ratings'),
  Receipt: table('rearflow.io', 'Receipt', 'receipts'),
} as const satisfies Record<string, Kind>;
