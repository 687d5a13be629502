/** Style sheets are files of their own, without comments and white space, which are loaded with the dialogs. */
const { Buffer } = require('node:buffer');

const { SwcJsMinimizerRspackPlugin } = require('@rspack/core');

/**
 * Leave out of the runtime what loads shared packages that are no singletons, have no range of versions, or have a copy in this
 * bundle: ours are all singletons of JupyterLab's own. The minifier then removes a tenth of `remoteEntry.js`.
 */
class SingletonsOnly {
  apply(compiler) {
    compiler.hooks.compilation.tap('SingletonsOnly', compilation => {
      compilation.hooks.runtimeModule.tap('SingletonsOnly', ({ name, source }) => {
        if (name === 'consumes_loading') {
          const text = String(source.source).replace(
            /if \(strict && singleton[^]*?return load\.apply\(null, args\); \}/,
            'return () => loadSingletonVersionCheck.apply(null, args);'
          );
          source.source = Buffer.from(text);
        }
      });
    });
  }
}

module.exports = {
  plugins: [new SingletonsOnly()],
  optimization: {
    minimizer: [new SwcJsMinimizerRspackPlugin({ minimizerOptions: { compress: { passes: 3 } } })]
  },
  module: {
    rules: [
      {
        test: /\.css$/,
        enforce: 'pre',
        loader: 'builtin:lightningcss-loader',
        options: { minify: true }
      },
      {
        test: /\.raw\.css$/,
        resourceQuery: { not: [/inline/] },
        type: 'asset/resource',
        generator: { filename: '[name].[contenthash].css' }
      }
    ]
  }
};
