/** Which room may look into which (docs/concepts.md). Arrows point one way. */
const rooms = {
  platform: ['schemas'],
  schemas: [],
  market: ['schemas', 'platform'],
  contract: ['market', 'schemas', 'platform'],
  kubernetes: ['market', 'schemas', 'platform'],
  tables: ['kubernetes', 'contract', 'market', 'schemas', 'platform'],
  liqo: ['kubernetes', 'market', 'schemas', 'platform'],
  workload: ['kubernetes', 'schemas', 'platform'],
  rear: ['contract', 'market', 'schemas', 'platform'],
  workflows: ['market', 'schemas', 'platform', 'workload'],
  activities: ['workflows', 'rear', 'liqo', 'tables', 'workload', 'kubernetes', 'contract', 'market', 'schemas', 'platform'],
  controllers: ['workflows', 'rear', 'liqo', 'tables', 'workload', 'kubernetes', 'contract', 'market', 'schemas', 'platform'],
  gateway: ['workflows', 'rear', 'tables', 'kubernetes', 'contract', 'market', 'schemas', 'platform'],
  leaks: ['kubernetes', 'contract', 'market', 'schemas', 'platform'],
  stack: ['kubernetes', 'schemas', 'platform'],
};

const forbidden = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-looks-only-into-${allowed.join('-') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^src/',
    pathNot: `^src/(${[room, ...allowed].join('|')})/`,
    ...(room === 'workflows' ? { dependencyTypesNot: ['type-only'] } : {}),
  },
}));

export default {
  forbidden: [
    ...forbidden,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.test\\.ts$' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
