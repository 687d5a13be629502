import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config({ ignores: ['lib/', 'node_modules/'] }, js.configs.recommended, {
  files: ['**/*.ts'],
  extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname }
  },
  rules: {
    'no-console': 'error',
    // Jupyter's convention: an interface is named IThing.
    '@typescript-eslint/naming-convention': [
      'error',
      { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
    ],
    // A number in a message is what it looks like.
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
  }
});
