import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const drawings = new URL('./node_modules/bootstrap-italia/src/svg/', import.meta.url)

/** Gathers the drawings that the pages use, and no others, in one file of symbols. */
function iconSprite(names) {
  return {
    name: 'icon-sprite',
    generateBundle() {
      const symbols = names.map((name) => {
        const drawing = readFileSync(new URL(`${name}.svg`, drawings), 'utf8')
        const [, attributes, shapes] = drawing.match(/<svg([^>]*)>([\s\S]*)<\/svg>/)
        const viewBox = attributes.match(/viewBox="([^"]*)"/)?.[1] ?? '0 0 24 24'
        return `<symbol id="${name}" viewBox="${viewBox}">${shapes.trim()}</symbol>`
      })
      this.emitFile({
        type: 'asset',
        name: 'icons.svg',
        originalFileName: 'icons.svg',
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`,
      })
    },
  }
}

export default defineConfig({
  base: '/assets/',
  publicDir: 'public',
  plugins: [iconSprite(JSON.parse(readFileSync(new URL('./src/icons.json', import.meta.url), 'utf8')))],
  css: {
    preprocessorOptions: {
      // The design system is written in Sass's older manner; its warnings are not ours to mend.
      scss: { quietDeps: true, silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'] },
    },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: '.',
    assetsInlineLimit: 0,
    manifest: true,
    license: { fileName: 'licenses.md' },
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: { input: 'src/main.js' },
  },
})
