import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/slow-first.js'

/**
 * Tests of code without a clock, files or state of its own (test/house): their files share a process, and what it has loaded. One that measures
 * its process is called `….alone.test.ts`.
 */
const PURE = ['contract', 'core', 'engine', 'execution', 'features', 'market', 'metrics', 'model', 'portfolio', 'research', 'risk', 'scenarios', 'strategy', 'trading'] // prettier-ignore
const pure = PURE.map((folder) => `test/${folder}/**/!(*.alone).test.ts`)

export default defineConfig({
  resolve: {
    alias: [
      { find: /^baleen\/lab$/, replacement: new URL('./src/lab.ts', import.meta.url).pathname },
      { find: /^baleen$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'shell', include: ['test/**/*.test.ts'], exclude: pure } },
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
