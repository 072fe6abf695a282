import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: ['dist/', '.baleen/', 'node_modules/', 'data/', 'reports/', 'coverage/', '**/*.js', '**/*.mjs'],
  },
  ...tseslint.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
    },
  },
  // A batch loop is generated once per operator, so that each has type feedback of its own: see src/features/loop.ts.
  {
    files: ['src/features/loop.ts', 'src/strategy/row-loop.ts'],
    rules: { '@typescript-eslint/no-implied-eval': 'off' },
  },
)
