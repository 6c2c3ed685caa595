const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
      },
    ],
  },
};

const onStack = {
  ...shared,
  globalSetup: '<rootDir>/test/setup/start-stack.ts',
  globalTeardown: '<rootDir>/test/setup/stop-stack.ts',
};

/** Unit tests sit beside the source; suites that span modules are in test/ and share one embedded stack. */
export default {
  testTimeout: 120_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/replay/*.test.ts'] },
    { ...shared, displayName: 'parts', testMatch: ['<rootDir>/test/parts/*.test.ts'] },
    { ...shared, displayName: 'provider', testMatch: ['<rootDir>/test/provider/*.test.ts'] },
    { ...shared, displayName: 'hostile', testMatch: ['<rootDir>/test/hostile/*.test.ts'] },
    { ...shared, displayName: 'failure', testMatch: ['<rootDir>/test/failure/*.test.ts'] },
    { ...shared, displayName: 'deep', testMatch: ['<rootDir>/test/deep/*.test.ts'] },
    { ...shared, displayName: 'cli', testMatch: ['<rootDir>/test/cli/*.test.ts'] },
    {
      ...onStack,
      displayName: 'stack',
      testMatch: ['<rootDir>/test/stack/*.test.ts', '<rootDir>/test/hostile/stack/*.test.ts'],
    },
    { ...onStack, displayName: 'lost', testMatch: ['<rootDir>/test/lost/*.test.ts'] },
  ],
};
