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
  // Until a branch is taken, V8 does not know what the global NaN or Infinity in it is: every number beside it becomes an object.
  {
    files: ['src/{core,engine,execution,features,metrics,portfolio,risk,strategy,trading}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(ConditionalExpression, ReturnStatement, LogicalExpression) > Identifier[name=/^(NaN|Infinity)$/]',
          message: 'Write Number.NaN or Number.POSITIVE_INFINITY in a branch: see docs/performance.md.',
        },
      ],
    },
  },
  // A batch loop is generated once per operator, so that each has type feedback of its own: see src/features/loop.ts.
  {
    files: ['src/features/loop.ts', 'src/strategy/row-loop.ts'],
    rules: { '@typescript-eslint/no-implied-eval': 'off' },
  },
)
