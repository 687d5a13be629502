/** Style sheets are files of their own, without comments and white space, which are loaded with the dialogs. */
const { SwcJsMinimizerRspackPlugin } = require('@rspack/core');

module.exports = {
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
