/** Nest 12 is ESM only: Jest runs with --experimental-vm-modules (see the scripts in package.json). */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestwire$': '<rootDir>/lib/index.ts',
    '^nestwire/protocol$': '<rootDir>/lib/protocol/index.ts',
    '^nestwire/redis$': '<rootDir>/lib/broker/redis/index.ts',
    '^nestwire/testing$': '<rootDir>/lib/testing/index.ts',
    '^nestwire/websocket$': '<rootDir>/lib/transport/websocket/index.ts',
    '^nestwire/client$': '<rootDir>/lib/client/node/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'lcovonly'],
  maxWorkers: 2,
  // enough on a machine that is busy with something else
  testTimeout: 30_000,
  // modules of finished files stay in a worker's memory: collecting them would be taken for the server's doing
  workerIdleMemoryLimit: '512MB',
};
