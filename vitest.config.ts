import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/slow-first.js'

/**
 * Folders whose tests share a process, file after file, and what it has loaded: to load it takes longer than most of them. They leave nothing
 * behind in it. One that measures its process is called `….alone.test.ts`. A command line says one document in a process: test/cli has many.
 */
const SHARED = ['contract', 'core', 'engine', 'execution', 'features', 'golden', 'jobs', 'ledger', 'loopback', 'market', 'metrics', 'model', 'monitor', 'portfolio', 'report', 'research', 'risk', 'runner', 'scenarios', 'sources', 'store', 'strategy', 'trading'] // prettier-ignore
const shared = SHARED.map((folder) => `test/${folder}/**/!(*.alone).test.ts`)

export default defineConfig({
  resolve: {
    alias: [
      { find: /^baleen\/lab$/, replacement: new URL('./src/lab.ts', import.meta.url).pathname },
      { find: /^baleen$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: shared } },
    ],
    globalSetup: ['test/shared-folder.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    sequence: { sequencer: SlowFirst },
    // Many tests wait for programs that they have started: one more than the processors of a small machine.
    maxWorkers: 3,
    // A snapshot that is missing or differs is a failure, never a silent edit of the test; `vitest run -u` writes them.
    update: 'none',
  },
})
