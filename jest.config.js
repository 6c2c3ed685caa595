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
  globalSetup: '<rootDir>/test/harness/setup/start-stack.ts',
  globalTeardown: '<rootDir>/test/harness/setup/stop-stack.ts',
};

/** Unit tests sit beside the source; suites that span modules are in test/ and share one embedded stack. */
export default {
  testTimeout: 120_000,
  // For `npm run coverage`. V8's own counters took nearly twice the memory, and had not ended after three times as long.
  coverageProvider: 'babel',
  coverageReporters: ['text-summary'],
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
  coverageThreshold: { global: { lines: 42 } },
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/replay/*.test.ts'] },
    { ...shared, displayName: 'integration', testMatch: ['<rootDir>/test/integration/parts/*.test.ts'] },
    { ...shared, displayName: 'provider', testMatch: ['<rootDir>/test/integration/provider/*.test.ts'] },
    { ...shared, displayName: 'hostile', testMatch: ['<rootDir>/test/resilience/hostile/*.test.ts'] },
    { ...shared, displayName: 'resilience', testMatch: ['<rootDir>/test/resilience/{crash,soak}/*.test.ts'] },
    { ...shared, displayName: 'cli', testMatch: ['<rootDir>/test/e2e/cli/*.test.ts'] },
    { ...shared, displayName: 'deep', testMatch: ['<rootDir>/test/e2e/deep/*.test.ts'] },
    {
      ...onStack,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/*.test.ts', '<rootDir>/test/resilience/hostile/stack/*.test.ts'],
    },
    { ...onStack, displayName: 'recovery', testMatch: ['<rootDir>/test/resilience/recovery/*.test.ts'] },
  ],
};
