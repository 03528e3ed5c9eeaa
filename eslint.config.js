import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Time and chance come from the injected clock and random source; these are the ways around it. */
const timeAndChance = [
  { object: 'Date', property: 'now', message: 'Use the injected Clock.' },
  { object: 'Math', property: 'random', message: 'Use the injected random source.' },
  { object: 'performance', property: 'now', message: 'Use the injected Clock.' },
  { object: 'process', property: 'hrtime', message: 'Use the injected Clock.' },
]
const rawTimers = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'Use the injected Clock.',
}))

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'test/fixtures/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowThrowingAny: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'ssh2', importNames: ['Client', 'Server', 'utils'], message: 'ssh2 has a default export only.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/adapters/**', 'src/workers/**', 'src/main.ts', 'src/supervision/system-clock.ts'],
    rules: {
      'no-restricted-properties': ['error', ...timeAndChance],
      'no-restricted-globals': ['error', ...rawTimers],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Use the injected Clock.' },
      ],
      'no-console': 'error',
    },
  },
  {
    // `setup({ types: {} as … })` is how XState is told a machine's types; the rule takes it for an idle assertion.
    files: ['src/machines/**', 'src/supervision/examples/**', 'test/**'],
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
)
