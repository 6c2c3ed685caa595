import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { duration } from '../schemas/duration.ts';
import { DomainName, NodeId } from '../schemas/names.ts';
import { Location, Partitionability, Price, Properties } from '../schemas/wire.ts';
import { isRange } from './address-guard.ts';
import { RearflowError } from './errors.ts';
import { editDistance, nearestName } from './nearest-name.ts';

const Port = z.number().int().min(0).max(65_535);

/** On the wire a tolerant reader; here a misspelled key would be an offer that says less than was meant. */
const SoldProperties = z.strictObject({
  ...Properties.shape,
  carbonFootprint: Properties.shape.carbonFootprint.unwrap().strict().optional(),
});

/** All settings of a node's processes; `rearflow config` prints them with where each came from. */
export const NodeConfig = z.strictObject({
  node: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,49}[a-z0-9])?$/)
      .describe('Name of this node, for people.'),
    id: NodeId.optional().describe('Node id on the wire; by default the Liqo cluster id.'),
    domain: DomainName.default('local').describe('Domain the node belongs to.'),
  }),
  kubernetes: z
    .strictObject({
      kubeconfig: z.string().optional().describe('Path of the kubeconfig; default: KUBECONFIG, then in-cluster.'),
    })
    .prefault({}),
  temporal: z
    .strictObject({
      address: z.string().default('127.0.0.1:7233'),
      namespace: z.string().default('default'),
      taskQueue: z.string().default('rearflow'),
    })
    .prefault({}),
  gateway: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: Port.default(3004).describe('0 = any free port.'),
      changesPerSecond: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(2_000)
        .describe('Calls per second of one address that may change something; five times as many may come at once.'),
      address: z.string().optional().describe('host:port other nodes reach this gateway at; default host:port.'),
    })
    .prefault({}),
  discovery: z
    .strictObject({
      endpoints: z.array(z.string().max(255)).max(1000).default([]).describe('host:port of other gateways.'),
      listDeadline: duration({ min: '50ms', max: '1m' }).default('2s'),
      fanOut: z.number().int().min(1).max(500).default(50),
      allowedRanges: z
        .array(z.string().max(64).refine(isRange, 'must be a CIDR range such as 10.20.0.0/16'))
        .max(64)
        .default([])
        .describe(
          'Addresses that messages of others may lead to beside public ones and `endpoints`, as CIDR ranges; `allowInsecure` allows all.',
        ),
    })
    .prefault({}),
  market: z
    .strictObject({
      sell: z.boolean().default(true).describe('Offer the nodes of this cluster.'),
      ttp: duration({ min: '100ms', max: '1h' }).default('60s').describe('Time to purchase.'),
      longestTerm: duration({ min: '1s', max: '30d' })
        .default('30d')
        .describe('Longest term of a contract; what is renewed may end that much later at most.'),
      flavorExpiry: duration({ min: '1s', max: '1h' }).default('60s'),
      policy: Partitionability.strict().prefault({}),
      price: Price.strict().prefault({}),
      location: Location.strict().optional(),
      properties: SoldProperties.prefault({}),
      podSecurity: z
        .enum(['baseline', 'restricted', 'privileged'])
        .default('baseline')
        .describe(
          "Pod Security level of buyers' pods on this cluster, and of the pods that intents of this node state.",
        ),
      podLimits: z
        .strictObject({
          cpu: z.number().min(1).max(1000).default(2).describe('For cpu.'),
          memory: z.number().min(1).max(1000).default(1).describe('For memory.'),
        })
        .prefault({})
        .describe('How many times its request the limit of a container may be.'),
    })
    .prefault({}),
  liqo: z
    .strictObject({
      namespace: z.string().default('liqo'),
      network: z.enum(['none', 'liqo']).default('none').describe('`liqo` creates and awaits the tunnel objects.'),
      peeringDeadline: duration({ min: '1s', max: '1h' }).default('3m'),
      tokenLife: duration({ min: '10m', max: '1d' })
        .default('1d')
        .describe("Life of the token that a buyer peers with; Kubernetes' minimum is 10 minutes."),
      tokenRenewal: duration({ min: '1s', max: '1d' })
        .default('12h')
        .describe('How often that token is replaced while the buyer has a contract.'),
      drainGrace: duration({ min: '0s', max: '1h' }).default('30s'),
      forcedUnpeer: duration({ min: '1s', max: '1d' })
        .default('10m')
        .describe("A seller's cluster that keeps a teardown waiting this long is taken for gone for good."),
    })
    .prefault({}),
  teardown: z
    .strictObject({
      retryFor: duration({ min: '1s', max: '1d' })
        .default('30m')
        .describe('How long an undo is retried before an operator is asked.'),
      againAfter: duration({ min: '1s', max: '1d' })
        .default('10m')
        .describe('When that was in vain and the intent goes on, it is tried again so often; after an hour, hourly.'),
      endContractWithin: duration({ min: '1s', max: '1h' })
        .default('5m')
        .describe('The seller is told that the contract ends at the latest then, however stuck the rest is.'),
    })
    .prefault({}),
  sweep: z
    .strictObject({
      every: duration({ min: '1s', max: '1d' }).default('5m').describe('How often things without an owner are sought.'),
      minAge: duration({ min: '0s', max: '1d' }).default('10m').describe('Younger things are left alone.'),
      stuckAfter: duration({ min: '1s', max: '1d' })
        .default('1m')
        .describe('A workflow that cannot go on for so long is taken up again from the tables.'),
    })
    .prefault({}),
  tables: z.strictObject({ namespace: z.string().default('fluidos') }).prefault({}),
  records: z
    .strictObject({
      retention: duration({ min: '1m', max: '30d' })
        .default('1d')
        .describe('How long rows of what has ended are kept: intents, receipts, contracts and the like.'),
    })
    .prefault({}),
  workload: z
    .strictObject({
      allowPrivileged: z.boolean().default(false),
      allowHostPaths: z.boolean().default(false),
      namespaces: z
        .array(z.string().max(63))
        .max(256)
        .default([])
        .describe(
          'Existing namespaces that intents may use, beside those that are labelled `rearflow.io/intents=allowed`.',
        ),
      impersonate: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be namespace/name')
        .optional()
        .describe('ServiceAccount (namespace/name) that creates what intents state: its rights decide what they may.'),
      startWithin: duration({ min: '1s', max: '1d' })
        .default('10m')
        .describe('How long the pods of an intent may take to run; then it fails and tells what was in the way.'),
    })
    .prefault({}),
  security: z.enum(['open']).default('open').describe('`open`: plain HTTP, refused off loopback.'),
  allowInsecure: z.boolean().default(false).describe('Allow `open` on other addresses than loopback.'),
  metrics: z
    .strictObject({
      address: z.string().max(255).optional().describe('host:port at which Prometheus may ask; none when left out.'),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});
export type NodeConfig = z.infer<typeof NodeConfig>;

export interface LoadedConfig {
  readonly config: NodeConfig;
  /** Dotted setting → where it came from; a setting that is missing here has its default. */
  readonly sources: Readonly<Record<string, string>>;
}

type Tree = { [key: string]: unknown };

/**
 * Reads the configuration: defaults, then the file, then `REARFLOW_<SECTION>_<SETTING>`; Temporal's own variables
 * (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`) win over the file.
 *
 * @throws RearflowError `InvalidConfig` naming the setting and the rule
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const path = file ?? env['REARFLOW_CONFIG'];
  const tree: Tree = path === undefined ? {} : readTree(path);
  const sources: Record<string, string> = {};
  noteSources(tree, '', path ?? '', sources);
  const settings = environmentSettings();
  refuseMisspelt(env, new Map(settings));
  for (const [variable, setting] of settings) {
    const value = env[variable];
    if (value === undefined || value === '') continue;
    put(tree, setting, scalar(value));
    sources[setting] = variable;
  }
  const parsed = NodeConfig.safeParse(tree);
  if (!parsed.success) {
    const { field, rule } = firstProblem(parsed.error.issues);
    throw new RearflowError('InvalidConfig', `${path ?? 'environment'}: ${field}: ${rule}`, { field });
  }
  return { config: refuseInsecure(parsed.data), sources };
}

/** An unknown setting is told before a missing one: it most likely is the missing one, misspelled. */
function firstProblem(issues: readonly z.core.$ZodIssue[]): { field: string; rule: string } {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  const issue = unknown ?? issues[0];
  if (issue?.code !== 'unrecognized_keys') {
    return { field: issue?.path.join('.') ?? '', rule: issue?.message ?? 'invalid' };
  }
  const key = issue.keys[0] ?? '';
  const known = settingsAt(issue.path);
  const nearest = nearestName(key, known);
  const advice = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`;
  return { field: [...issue.path, key].join('.'), rule: `is no setting; ${advice}` };
}

function settingsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = NodeConfig;
  for (const step of path) schema = schema instanceof z.ZodObject ? unwrap(schema.shape[String(step)]) : undefined;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function readTree(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RearflowError('InvalidConfig', `cannot read ${path}`, { cause });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new RearflowError('InvalidConfig', `${path} is no valid YAML: ${String(cause)}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RearflowError('InvalidConfig', `${path} must hold a mapping of settings`);
  }
  const tree = value as Tree;
  const kubernetes = tree['kubernetes'] as Tree | undefined;
  const kubeconfig = kubernetes?.['kubeconfig'];
  if (kubernetes && typeof kubeconfig === 'string') kubernetes['kubeconfig'] = resolve(dirname(path), kubeconfig);
  return tree;
}

function noteSources(tree: Tree, prefix: string, path: string, out: Record<string, string>): void {
  for (const [key, value] of Object.entries(tree)) {
    const setting = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      noteSources(value as Tree, setting, path, out);
    else out[setting] = path;
  }
}

/** Every two-level setting has a variable: `gateway.listPort` → `REARFLOW_GATEWAY_LIST_PORT`. */
function environmentSettings(): [string, string][] {
  const snake = (text: string): string => text.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const own = Object.entries(NodeConfig.shape).flatMap(([section, schema]): [string, string][] => {
    const inner = unwrap(schema);
    if (!(inner instanceof z.ZodObject)) return [[`REARFLOW_${snake(section)}`, section]];
    return Object.keys(inner.shape).map((key) => [`REARFLOW_${snake(section)}_${snake(key)}`, `${section}.${key}`]);
  });
  return [...own, ['TEMPORAL_ADDRESS', 'temporal.address'], ['TEMPORAL_NAMESPACE', 'temporal.namespace']];
}

/** Variables that are no settings. */
const otherVariables = ['REARFLOW_CONFIG', 'REARFLOW_STATE', 'REARFLOW_CACHE', 'REARFLOW_DEBUG'];

/**
 * A variable that almost is a setting's would be ignored silently. Others may be anybody's: Kubernetes itself puts
 * `REARFLOW_SERVICE_HOST` and the like into pods beside a service of that name.
 */
function refuseMisspelt(env: NodeJS.ProcessEnv, settings: ReadonlyMap<string, string>): void {
  const known = [...settings.keys(), ...otherVariables];
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith('REARFLOW_') || known.includes(variable)) continue;
    const meant = known.find((each) => editDistance(variable, each) <= 2);
    if (meant === undefined) continue;
    throw new RearflowError('InvalidConfig', `environment: ${variable}: is no setting; did you mean ${meant}?`, {
      field: variable,
    });
  }
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  while (current instanceof z.ZodDefault || current instanceof z.ZodPrefault || current instanceof z.ZodOptional) {
    current = current.unwrap();
  }
  return current;
}

function put(tree: Tree, setting: string, value: unknown): void {
  const [section = '', key] = setting.split('.');
  if (key === undefined) tree[section] = value;
  else tree[section] = { ...(tree[section] as Tree | undefined), [key]: value };
}

/** Variables are text: YAML's scalars give numbers, booleans and lists. */
function scalar(value: string): unknown {
  try {
    return parse(value) as unknown;
  } catch {
    return value;
  }
}

function refuseInsecure(config: NodeConfig): NodeConfig {
  const loopback = /^(127\.|localhost$|::1$|\[::1\]$)/.test(config.gateway.host);
  if (config.security === 'open' && !loopback && !config.allowInsecure) {
    throw new RearflowError(
      'InvalidConfig',
      `gateway.host: ${config.gateway.host} is no loopback address, and security \`open\` sends everything in clear`,
      { field: 'gateway.host', hint: 'Listen on 127.0.0.1, or set allowInsecure: true if the network is trusted.' },
    );
  }
  return config;
}
