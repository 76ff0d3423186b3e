// Jest runs the TypeScript sources as ES modules, without a build.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/bench'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  testTimeout: 90000,
  // Concurrent tests wait for each other themselves (test/parity/lanes.ts).
  maxConcurrency: 1000,
  // More than Jest would take on two cores: many tests wait for programs or for time. A worker that has grown is replaced.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/sequencer.js',
  workerIdleMemoryLimit: '1GB',
  // A worker with a gigabyte of modules needs more than Jest's half second to end, and nothing is open then; one that hangs is still named.
  workerGracefulExitTimeout: 5000,
};
