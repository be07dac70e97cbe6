import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

// The reference of the demonstration's notification whose first run fails and whose retry succeeds.
const failedReference = 'demo-retry'
const deliveryPatience = 60_000
const env = environment()

describe('backoffice', { skip: env.missing }, () => {
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

  /** The page of the notification that waits for its retry. */
  async function openFailed(page) {
    await page.goto(`/notifications?reference=${failedReference}`)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.waitForURL(/\/notifications\/[^?]+$/)
  }

  test('every page is accessible', async () => {
    const { page, close } = await visit(browser, env, { expected: [404, 422] })
    await page.goto('/signin')
    await checkAccessibility(page, 'sign-in')
    await page.getByLabel('Indirizzo e-mail').fill('nessuno@esempio.it')
    await page.getByLabel('Password').fill('sbagliata')
    await page.getByRole('button', { name: 'Accedi', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await checkAccessibility(page, 'refused sign-in')

    await signIn(page, env)
    await page.goto('/notifications')
    await checkAccessibility(page, 'list')
    await screenshot(page, 'list-1366')
    await page.getByText('Cerca e filtra').click()
    await checkAccessibility(page, 'list with its filters')
    await page.goto('/notifications?reference=non-esiste')
    await checkAccessibility(page, 'empty list')
    await openFailed(page)
    await checkAccessibility(page, 'notification')
    await screenshot(page, 'notification-1366')
    await page.getByRole('link', { name: "Riprova l'invio" }).click()
    await checkAccessibility(page, 'confirmation')
    await page.goto('/accessibilita')
    await checkAccessibility(page, 'accessibility')
    await page.goto('/notifications/non-esiste')
    await checkAccessibility(page, 'not found')
    await close()
  })

  // 320 px is what WCAG 2.1 asks for (1.4.10); 683 px is a screen of 1366 px at a zoom of 200 %.
  for (const width of [320, 360, 683]) {
    test(`pages fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await page.goto('/signin')
      await checkWidth(page, 'sign-in')
      await signIn(page, env)
      await page.goto('/notifications')
      await checkWidth(page, 'list')
      await checkAccessibility(page, 'list')
      await screenshot(page, `list-${width}`)
      await page.getByText('Cerca e filtra').click()
      await checkWidth(page, 'list with its filters')
      await openFailed(page)
      await checkWidth(page, 'notification')
      await checkAccessibility(page, 'notification')
      await screenshot(page, `notification-${width}`)
      await close()
    })
  }

  test('the keyboard reaches the content first', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Vai al contenuto')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content')
    await close()
  })

  for (const width of [320, 1366]) {
    test(`the demonstration's accounts are laid out alike on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await page.goto('/signin')
      await checkWidth(page, 'sign-in')
      const entries = await page.locator('.genio-demo li').evaluateAll((items) =>
        items.map((item) => {
          const [words, form] = item.children
          return { left: form.getBoundingClientRect().left, beside: form.getBoundingClientRect().top < words.getBoundingClientRect().bottom }
        }),
      )
      assert.ok(entries.every(({ left, beside }) => beside && left === entries[0].left), JSON.stringify(entries))
      await screenshot(page, `signin-${width}`)
      await close()
    })
  }

  test('everything works without JavaScript', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await signIn(page, env)
    await page.goto('/notifications')
    await page.getByText('Cerca e filtra').click()
    await page.getByLabel("Riferimento dell'Ente").fill(failedReference)
    await page.getByRole('button', { name: 'Cerca', exact: true }).click()
    await page.waitForURL(`**/notifications?reference=${failedReference}`)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.getByRole('link', { name: "Riprova l'invio" }).click()
    await page.getByRole('heading', { name: "Riprovare l'invio?" }).waitFor()
    await page.getByRole('link', { name: 'No, torna alla notifica' }).click()
    await page.getByText('Non riuscita').first().waitFor()
    await close()
  })

  test('sign in, find the failed notification, read why, retry it, see it delivered', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.goto('/notifications')

    await page.getByRole('link', { name: /Non riuscita/ }).first().click()
    await page.waitForURL('**/notifications?status=failed')
    const found = page.getByRole('row').filter({ hasText: failedReference })
    await found.getByText('Non riuscita').waitFor()
    await found.getByRole('link').click()

    const state = page.getByRole('status')
    await state.getByText('Non riuscita').waitFor()
    assert.match(await page.locator('#live').innerText(), /Che cosa fare:/)

    await page.getByRole('link', { name: "Riprova l'invio" }).click()
    await page.getByRole('heading', { name: "Riprovare l'invio?" }).waitFor()
    await page.getByRole('button', { name: "Riprova l'invio" }).dblclick()
    await page.getByText('La lavorazione è ripartita.').waitFor()

    // Whoever cannot see the page hears first what came of the act.
    const notice = page.getByRole('status').filter({ hasText: 'La lavorazione è ripartita.' })
    const hasFocus = (element) => element === document.activeElement
    assert.ok(await notice.evaluate(hasFocus), 'the notice has the focus')

    // From here on nobody touches the page: it tells the news by itself, and leaves the focus where it is.
    const here = page.url()
    await page.locator('#state-status').getByText('Consegnata').waitFor({ timeout: deliveryPatience })
    assert.equal(page.url(), here)
    assert.ok(await notice.evaluate(hasFocus), 'the focus stayed')
    await page.getByText(/Conclusa: consegnata/).waitFor()
    assert.equal(await page.locator('[hx-get]').count(), 0, 'it asks for no more news')
    assert.equal(await page.getByText('Nuova lavorazione avviata').count(), 1, 'a double click acted once')
    await checkAccessibility(page, 'delivered notification')
    await screenshot(page, 'notification-delivered-1366')
    await close()
  })
})
