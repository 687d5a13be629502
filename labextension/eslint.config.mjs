import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const TRANSLATE = 'CallExpression[callee.property.name=/^(__|_n|_p|_np)$/]';
const NOT_EXTRACTED =
  'JupyterLab’s tool extracts a string only from trans.__, trans._n, trans._p and trans._np.';

export default tseslint.config({ ignores: ['lib/', 'node_modules/'] }, js.configs.recommended, {
  files: ['**/*.ts'],
  extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname }
  },
  rules: {
    'no-console': 'error',
    // Another call works, but its string never reaches a translator.
    'no-restricted-syntax': [
      'error',
      { selector: `${TRANSLATE}[callee.object.name!='trans']`, message: NOT_EXTRACTED },
      { selector: 'CallExpression[callee.property.name=/gettext$/]', message: NOT_EXTRACTED },
      {
        selector: `${TRANSLATE}[arguments.0.type!='Literal'], ${TRANSLATE}[callee.property.name!='__'][arguments.1.type!='Literal'], ${TRANSLATE}[callee.property.name='_np'][arguments.2.type!='Literal']`,
        message: `${NOT_EXTRACTED} The text is a literal.`
      }
    ],
    // Jupyter's convention: an interface is named IThing.
    '@typescript-eslint/naming-convention': [
      'error',
      { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
    ],
    // A number in a message is what it looks like.
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
  }
});
