/** Nest 12 is ESM only: Jest runs with --experimental-vm-modules (see the scripts in package.json). */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
};

const ownNames = {
  '^nestwire$': '<rootDir>/lib/index.ts',
  '^nestwire/protocol$': '<rootDir>/lib/protocol/index.ts',
  '^nestwire/opentelemetry$': '<rootDir>/lib/opentelemetry/index.ts',
  '^nestwire/redis$': '<rootDir>/lib/broker/redis/index.ts',
  '^nestwire/testing$': '<rootDir>/lib/testing/index.ts',
  '^nestwire/websocket$': '<rootDir>/lib/transport/websocket/index.ts',
  '^nestwire/client$': '<rootDir>/lib/client/node/index.ts',
  '^(\\.{1,2}/.*)\\.js$': '$1',
};

const onNest12 = {
  ...common,
  displayName: 'nest-12',
  moduleNameMapper: ownNames,
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.nest-11\\.spec'],
};

/** What applications see of Nest, on its version before: its packages are those of test/nest-11. */
const onNest11 = {
  ...common,
  displayName: 'nest-11',
  moduleNameMapper: { ...ownNames, '^@nestjs/(.*)$': '<rootDir>/test/nest-11/node_modules/@nestjs/$1' },
  testMatch: [
    '<rootDir>/test/e2e/{authentication,connect,gateway,http-gateway,lifecycle,passport,placement,request-url}.spec.ts',
    '<rootDir>/test/e2e/{protocols,resume,shutdown,signal,validation}.spec.ts',
    '<rootDir>/test/e2e/{pipeline*,sse,sse.gateways,sse.http2,sse.pipeline}.spec.ts',
    '<rootDir>/test/nest/adapter/{nestwire-adapter,shutdown,*.nest-11}.spec.ts',
    '<rootDir>/test/testing/test-client.spec.ts',
  ],
};

export default {
  projects: [onNest12, onNest11],
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'lcovonly'],
  maxWorkers: 2,
  // enough for browsers, servers that are restarted and random streams on a machine that is busy with something else
  testTimeout: 60_000,
  // modules of finished files stay in a worker's memory: collecting them would be taken for the server's doing
  workerIdleMemoryLimit: '512MB',
};
