import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, visit } from './browser.js'
import { byPerson, open, prepare, signInAs } from './pages.js'

const env = environment()

// 683 px is a screen of 1366 px at a zoom of 200 %; 320 px is what WCAG 2.1 asks for (1.4.10).
const widths = [1366, 683, 360, 320]

describe('every page is accessible', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      Object.assign(env, { url: genio.url })
    }
    browser = await launch(env)
    await prepare(browser, env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  for (const [person, theirs] of byPerson()) {
    describe(person || 'nobody in particular', () => {
      let visited
      before(async () => {
        visited = await visit(browser, env, { expected: theirs.flatMap(({ expected = [] }) => expected) })
        if (person) await signInAs(visited.page, person)
      })
      after(() => visited.close())

      for (const wanted of theirs) {
        test(wanted.name, async () => {
          const { page } = visited
          await page.setViewportSize({ width: widths[0], height: 900 })
          await open(page, wanted)
          for (const width of widths) {
            await page.setViewportSize({ width, height: 900 })
            await checkAccessibility(page, `${wanted.name} on ${width} px`)
            await checkWidth(page, wanted.name)
          }
        })
      }
    })
  }
})
