import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const failedReference = 'demo-retry'
const env = environment()

describe('dashboard', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, failedReference)
      Object.assign(env, { url: genio.url, user: genio.user, password: genio.password })
    }
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  test('is the first page, and accessible', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.getByRole('heading', { name: /Cruscotto/ }).waitFor()
    await checkAccessibility(page, 'dashboard')
    await screenshot(page, 'dashboard-1366')
    await page.locator('.genio-chart__table > summary').click()
    await checkAccessibility(page, 'dashboard with its table')
    await page.getByRole('link', { name: '7 giorni' }).click()
    await page.waitForURL('**/dashboard?days=7')
    await checkAccessibility(page, 'dashboard of a week')
    await page.goto('/')
    await page.waitForURL('**/dashboard')
    await close()
  })

  for (const width of [320, 360, 390]) {
    test(`fits on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await signIn(page, env)
      await checkWidth(page, 'dashboard')
      await checkAccessibility(page, 'dashboard')
      await screenshot(page, `dashboard-${width}`)
      await page.locator('.genio-chart__table > summary').click()
      await checkWidth(page, 'dashboard with its table')
      await close()
    })
  }

  test('the chart is its table', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: true })
    await signIn(page, env)
    await page.locator('.genio-chart__table > summary').click()
    const { drawn, written } = await page.evaluate(() => {
      const kinds = ['delivered_io', 'delivered_sms', 'not_delivered', 'failed', 'expired', 'cancelled', 'on_hold', 'in_progress']
      const bars = [...document.querySelectorAll('.genio-chart g')]
      const lines = [...document.querySelectorAll('.genio-chart__table tbody tr')].slice(0, -1)
      return {
        drawn: bars.map((bar) => kinds.map((kind) => Number(bar.querySelector(`[data-kind=${kind}]`)?.dataset.count ?? 0))),
        written: lines.map((line) =>
          [...line.querySelectorAll('td')].slice(1, -1).map((cell) => Number(cell.textContent.replaceAll('.', ''))),
        ),
      }
    })
    assert.equal(drawn.length, 30)
    assert.deepEqual(drawn, written)
    assert.ok(drawn.flat().some((count) => count > 0))
    await close()
  })

  test('its numbers lead to the notifications, without JavaScript too', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await signIn(page, env)
    const tile = page.getByRole('navigation', { name: /Oggi/ }).getByRole('link', { name: /Non riuscite/ })
    const told = Number((await tile.locator('.genio-shortcut__count').textContent()).trim())
    await tile.click()
    await page.waitForURL('**/notifications?**')
    assert.equal(await page.locator('tbody tr').count(), told)
    await close()
  })

  test('prints without what only a screen needs', async () => {
    const { page, close } = await visit(browser, env, { width: 1024 })
    await signIn(page, env)
    await page.emulateMedia({ media: 'print' })
    assert.ok(!(await page.getByRole('navigation', { name: 'Periodo' }).isVisible()))
    assert.ok(await page.locator('.genio-chart').isVisible())
    await screenshot(page, 'dashboard-print')
    await close()
  })
})
