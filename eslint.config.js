// Lint rules, and the import boundaries of docs/architecture.md: a folder imports only from rows below its own.
import tseslint from 'typescript-eslint';

/** The parts of the house, top row first. */
const rows = [
  'cli',
  'testing',
  'cluster',
  'dashboard',
  'controllers',
  'scheduler',
  'kubelet',
  'runtime',
  'network',
  'apiserver',
  'client',
  'registry',
  'storage',
  'apimachinery',
  'clock',
];
/** The composition root may import every part but the command line and the test helpers. */
const except = { cluster: ['cli', 'testing'] };

const boundaries = rows.map((row, index) => {
  const forbidden = except[row] ?? rows.slice(0, index);
  return {
    files: [`src/${row}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: forbidden.flatMap((other) => [`**/../${other}/**`, `../${other}/**`]),
              message: `src/${row} may import only from the rows below it (docs/architecture.md).`,
            },
            { group: ['@kubernetes/client-node'], message: 'A build and test dependency: 2,700 modules.' },
          ].filter((pattern) => pattern.group.length > 0),
        },
      ],
    },
  };
});

const timeAndChance = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Time comes from the clock (src/clock).' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes from the clock (src/clock).' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Chance comes from the random source (src/clock).',
  },
  { selector: "CallExpression[callee.property.name='randomUUID']", message: 'Chance comes from the random source (src/clock).' },
  {
    selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']",
    message: 'Time comes from the clock (src/clock).',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'openapi/types/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/clock/**', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'crypto'].map((name) => ({
          name,
          message: 'Time and chance come from src/clock.',
        })),
      ],
      'no-restricted-syntax': ['error', ...timeAndChance],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...boundaries,
);
