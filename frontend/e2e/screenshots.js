// Writes a picture of every page at the widths of a desk and of a phone into the folder screenshots/, which git ignores.
import { startGenio } from './genio_dev.js'
import { environment, launch, screenshot, visit } from './browser.js'
import { byPerson, open, pages, prepare, signInAs } from './pages.js'

const widths = [1366, 390]

const env = environment()
if (env.missing) throw new Error(env.missing)

const genio = env.url ? undefined : await startGenio(env.binary, 'demo-retry')
const browser = await launch(env)
try {
  if (genio) env.url = genio.url
  await prepare(browser, env)

  for (const [person, theirs] of byPerson()) await take(person, theirs)
  console.log(`screenshots/ has ${pages.length} pages at ${widths.join(' and ')} px`)
} finally {
  await browser.close()
  await genio?.stop()
}

async function take(person, theirs) {
  const { page, close } = await visit(browser, env, { expected: theirs.flatMap(({ expected = [] }) => expected) })
  if (person) await signInAs(page, person)
  for (const wanted of theirs) {
    await page.setViewportSize({ width: widths[0], height: 900 })
    await open(page, wanted)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await screenshot(page, `${wanted.name}-${width}`)
    }
  }
  await close()
}
