/*
 * Which room may look into which (docs/architecture.md): every room names the ones below it, and only those. No circle is
 * allowed, one of types neither.
 */
const base = ['schemas', 'platform'];
const market = ['market', ...base];
const messages = ['messages', ...market];
const kubernetes = ['kubernetes', ...market];
const tables = ['tables', 'kubernetes', 'signing', ...messages];
const rooms = {
  schemas: [],
  platform: ['schemas'],
  market: base,
  messages: market,
  signing: market,
  kubernetes: market,
  validation: messages,
  tables: ['kubernetes', 'signing', ...messages],
  liqo: kubernetes,
  workload: ['kubernetes', ...messages],
  rear: ['signing', ...market],
  workflows: ['validation', ...messages],
  epoch: tables,
  leaks: ['signing', ...kubernetes],
  activities: ['epoch', 'validation', 'rear', 'liqo', 'workload', ...tables],
  controllers: ['rear', 'liqo', 'workload', ...tables],
  gateway: ['rear', ...tables],
  client: ['rear', 'workload', 'validation', ...tables],
  docs: ['client', ...base],
  runtime: ['activities', 'controllers', 'gateway', 'epoch', 'rear', 'liqo', 'workload', ...tables],
  stack: ['kubernetes', ...base],
  cli: ['client', 'view', 'runtime', 'stack', 'demo', 'leaks', 'rear', 'workload', ...tables],
  view: ['client', ...tables],
  demo: ['client', 'view', 'stack', 'leaks', 'workload', ...tables],
};

const forbidden = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-looks-only-into-${allowed.join('-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^src/',
    // Activities are named in workflows by their types; the next rule sees to it.
    pathNot: `^src/(${[room, ...allowed, ...(room === 'workflows' ? ['activities'] : [])].join('|')})(/|\\.ts$)`,
  },
}));

export default {
  forbidden: [
    ...forbidden,
    {
      name: 'workflows-name-activities-by-their-types',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.test\\.ts$' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
