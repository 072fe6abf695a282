import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^baleen\/lab$/, replacement: new URL('./src/lab.ts', import.meta.url).pathname },
      { find: /^baleen$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/shared-folder.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Many tests wait for programs that they have started: one more than the processors of a small machine.
    maxWorkers: 3,
    // A snapshot that is missing or differs is a failure, never a silent edit of the test; `vitest run -u` writes them.
    update: 'none',
  },
})
