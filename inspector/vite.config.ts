import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** The page is files of our own server's and nothing else; `npm run dev -w inspector` shows that of a running daemon. */
export default defineConfig({
  plugins: [preact()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The content security policy allows no inline script and no data: address.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:5000',
      '/readyz': 'http://127.0.0.1:5000',
      // Without `changeOrigin` the host stays the page's own, as the daemon's origin check wants it.
      '/feed': { target: 'ws://127.0.0.1:5000', ws: true, changeOrigin: false },
    },
  },
})
