import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

// An invented citizen of the demonstration, with a provisional code, and the Ente's reference of the notification.
const citizen = '61492729001'
const reference = 'demo-provisional'
const why = 'Il cittadino chiede conferma allo sportello'
const env = environment()

describe('search', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      Object.assign(env, { url: genio.url, user: genio.user, password: genio.password })
    }
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  async function find(page, text) {
    await page.goto('/notifications')
    await page.getByLabel('Ricerca rapida').fill(text)
    await page.getByRole('button', { name: 'Trova' }).click()
  }

  const shownReferences = (page) => page.locator('td[data-label="Riferimento dell\'Ente"]').allInnerTexts()

  for (const javaScriptEnabled of [true, false]) {
    test(`one field finds a notification, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const { page, close } = await visit(browser, env, { javaScriptEnabled })
      await signIn(page, env)

      await find(page, reference)
      await page.waitForURL(`**/notifications?reference=${reference}`)
      assert.deepEqual(await shownReferences(page), [reference])

      await page.getByRole('rowheader').getByRole('link').first().click()
      await page.waitForURL(/\/notifications\/[0-9a-f-]{36}$/)
      const address = page.url()
      const id = address.split('/').pop()
      await find(page, id)
      await page.waitForURL(address)

      await find(page, citizen)
      await page.waitForURL('**/notifications?person=1')
      assert.deepEqual(await shownReferences(page), [reference])
      assert.ok(!(await page.content()).includes(citizen), 'the code is not on the page')

      await page.goto(address)
      await page.getByRole('button', { name: 'Altre notifiche dello stesso cittadino' }).click()
      await page.waitForURL('**/notifications?person=1')
      assert.deepEqual(await shownReferences(page), [reference])
      await close()
    })
  }

  test('a recipient is shown once, for a reason, and found by phone', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signIn(page, env)
    await find(page, reference)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.getByRole('link', { name: 'Mostra il codice fiscale e il telefono' }).click()
    await checkAccessibility(page, 'asked why')
    await screenshot(page, 'reveal-1366')
    await page.getByLabel('Motivo della richiesta').fill(`Lo chiede il cittadino di nome RSSMRA80A01H501U`)
    await page.getByRole('button', { name: 'Mostra i dati' }).click()
    await page.getByText('Niente codice fiscale né numero di telefono').waitFor()
    await checkAccessibility(page, 'refused reason')
    await page.getByLabel('Motivo della richiesta').fill(why)
    await page.getByRole('button', { name: 'Mostra i dati' }).click()
    await page.getByText(citizen).waitFor()
    await checkAccessibility(page, 'revealed')
    assert.ok(!page.url().includes(citizen))
    const phone = await page.getByText(/^\+39/).innerText()

    await page.getByRole('link', { name: 'Torna alla notifica' }).click()
    await page.getByText(/Destinatario mostrato in chiaro a/).waitFor()
    await page.getByText(`Motivo: ${why}`).waitFor()
    assert.ok(!(await page.content()).includes(citizen), 'it is masked again')
    await checkAccessibility(page, 'notification')
    await screenshot(page, 'notification-layers-1366')

    await find(page, phone)
    await page.waitForURL('**/notifications?person=1')
    assert.ok((await shownReferences(page)).includes(reference))
    assert.ok(!(await page.content()).includes(phone.slice(3)), 'the number is not on the page')
    await close()
  })

  test('words of a reason, a filter to keep, and a file', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.goto('/notifications')
    await page.getByText('Cerca e filtra').click()
    await page.getByLabel('Parole del motivo').fill('chiave')
    await page.getByRole('button', { name: 'Cerca', exact: true }).click()
    await page.waitForURL('**/notifications?why=chiave')
    await page.getByText('Sono mostrate le notifiche con uno di questi motivi:').waitFor()
    assert.ok((await shownReferences(page)).includes('demo-retry'))
    await page.getByRole('link', { name: 'Ultimi 7 giorni' }).click()
    await page.waitForURL('**/notifications?period=7d&why=chiave')
    await checkAccessibility(page, 'list of a reason')
    await screenshot(page, 'search-1366')

    await page.getByRole('link', { name: 'Salva questo filtro' }).click()
    await checkAccessibility(page, 'filter to keep')
    await page.getByLabel('Nome').fill('Chiavi rifiutate')
    await screenshot(page, 'saved-filter-1366')
    await page.getByRole('button', { name: 'Salva il filtro' }).dblclick()
    await page.getByText('Il filtro è stato salvato.').waitFor()
    await page.goto('/notifications')
    await page.getByRole('link', { name: 'Chiavi rifiutate' }).click()
    await page.waitForURL('**/notifications?period=7d&why=chiave')
    await page.getByRole('link', { name: 'Gestisci i filtri salvati' }).click()
    await checkAccessibility(page, 'kept filters')
    await screenshot(page, 'saved-filters-1366')
    await page.getByRole('link', { name: 'Elimina' }).click()
    await page.getByRole('button', { name: 'Sì, elimina il filtro' }).click()
    await page.getByText('Il filtro è stato eliminato.').waitFor()

    await find(page, reference)
    await page.getByRole('link', { name: 'Esporta' }).click()
    await checkAccessibility(page, 'export')
    await screenshot(page, 'export-1366')
    const masked = await download(page)
    assert.ok(masked.includes(reference) && !masked.includes(citizen), masked)
    await page.getByText('Con i codici fiscali e i telefoni in chiaro').click()
    const clear = await download(page)
    assert.ok(clear.includes(citizen), clear)
    await close()
  })

  async function download(page) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Scarica il file' }).click()])
    assert.match(file.suggestedFilename(), /^notifiche-[0-9-]+\.csv$/)
    return readFileSync(await file.path(), 'utf8')
  }

  test('pages fit on 360 px', async () => {
    const { page, close } = await visit(browser, env, { width: 360 })
    await signIn(page, env)
    await page.goto('/notifications?status=failed&period=30d&reason=fiscal_code_provisional&reason=io_key_rejected')
    await checkWidth(page, 'list')
    await checkAccessibility(page, 'list')
    await screenshot(page, 'search-360')
    await page.getByRole('link', { name: 'Salva questo filtro' }).click()
    await checkWidth(page, 'filter to keep')
    await page.getByLabel('Nome').fill('Da controllare')
    await page.getByRole('button', { name: 'Salva il filtro' }).click()
    await page.goto('/notifications/filters')
    await checkWidth(page, 'kept filters')
    await checkAccessibility(page, 'kept filters')
    await screenshot(page, 'saved-filters-360')
    await page.goto(`/notifications/export?reference=${reference}`)
    await checkWidth(page, 'export')
    await find(page, reference)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await checkWidth(page, 'notification')
    await screenshot(page, 'notification-layers-360')
    await page.getByRole('link', { name: 'Mostra il codice fiscale e il telefono' }).click()
    await checkWidth(page, 'reveal')
    await close()
  })
})
