import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const patience = 60_000
const env = environment()

// The demonstration's people who govern, and who administer an Ente.
const administrator = { user: 'amministratore@borgo.example', password: 'amministratore-demo' }
const governor = { user: 'sistema@genio.example', password: 'sistema-demo' }

describe('privacy', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      Object.assign(env, { url: genio.url })
    }
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  test('set for how long an Ente keeps what', async () => {
    Object.assign(env, governor)
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signIn(page, env)
    await page.goto('/enti')
    await page.locator('tbody a').first().click()
    await page.getByRole('link', { name: 'Cambia la conservazione' }).click()
    await page.getByLabel('Giorni di conservazione del contenuto').fill('10')
    await page.getByRole('button', { name: 'Salva' }).click()
    await page.locator('#problem').waitFor()
    await checkAccessibility(page, 'refused retention')
    await screenshot(page, 'retention-refused-1366')
    await page.getByLabel('Giorni di conservazione del contenuto').fill('60')
    await page.getByRole('button', { name: 'Salva' }).click()
    await page.getByText('La conservazione è stata salvata').waitFor()
    await page.getByText('60 giorni').waitFor()

    await page.goto('/privacy')
    await page.getByRole('cell', { name: '60 giorni' }).waitFor()
    await checkAccessibility(page, 'privacy')
    await screenshot(page, 'privacy-1366')
    await close()
  })

  test('hand out and erase what is held about a citizen, without a code in an address', async () => {
    Object.assign(env, administrator)
    const { page, close } = await visit(browser, env, { expected: [422] })
    const addresses = []
    page.on('request', (request) => addresses.push(request.url()))
    await signIn(page, env)

    // Whose data it is: the recipient of some notification that has ended.
    await page.goto('/notifications?status=delivered')
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.getByRole('link', { name: 'Mostra il codice fiscale e il telefono' }).click()
    await page.getByLabel('Motivo').fill('Il cittadino chiede i suoi dati')
    await page.getByRole('button', { name: 'Mostra' }).last().click()
    const citizen = (await page.locator('dd.genio-code').first().innerText()).trim()
    assert.match(citizen, /^[A-Z0-9]{11,16}$/)

    await page.goto('/privacy/citizen')
    await page.getByLabel('Codice fiscale').fill('ABC')
    await page.getByRole('button', { name: 'Cerca' }).last().click()
    await page.locator('#fiscal-code-problem').waitFor()
    await checkAccessibility(page, 'refused citizen')
    await page.getByLabel('Codice fiscale').fill(citizen)
    await page.getByRole('button', { name: 'Cerca' }).last().click()
    await page.getByRole('heading', { name: 'Che cosa si conserva' }).waitFor()
    await checkAccessibility(page, 'found citizen')
    await screenshot(page, 'citizen-found-1366')

    await page.locator('#why-export').fill('Protocollo 4711 del 2026')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Scarica in JSON' }).click()])
    assert.match(download.suggestedFilename(), /^genio-cittadino-[0-9-]+\.json$/)
    await page.getByRole('button', { name: 'Mostra da stampare' }).click()
    await page.getByRole('heading', { name: 'Dati di un cittadino' }).waitFor()
    await checkAccessibility(page, 'report')
    await screenshot(page, 'citizen-report-1366')

    await page.goto('/privacy/citizen')
    await page.getByLabel('Codice fiscale').fill(citizen)
    await page.getByRole('button', { name: 'Cerca' }).last().click()
    await page.locator('label[for="open-cancel"]').click()
    await page.locator('#why-erase').fill('Protocollo 4712 del 2026')
    await page.locator('label[for="confirmed"]').click()
    await page.getByRole('button', { name: 'Cancella i dati' }).click()
    await page.waitForURL(/\/privacy\/erasures\/[0-9a-f-]+$/)
    await checkAccessibility(page, 'erasure')

    const until = Date.now() + patience
    while ((await page.getByText('Completata', { exact: true }).count()) < 2 && Date.now() < until) {
      await page.reload()
    }
    await page.getByText('Una ricerca non trova più niente.').waitFor()
    await screenshot(page, 'erasure-1366')

    await page.goto('/privacy/erasures')
    await page.getByRole('link', { name: 'Protocollo 4712 del 2026' }).waitFor()
    await checkAccessibility(page, 'erasures')

    await page.goto('/privacy/citizen')
    await page.getByLabel('Codice fiscale').fill(citizen)
    await page.getByRole('button', { name: 'Cerca' }).last().click()
    await page.getByText('0 notifiche').waitFor()
    assert.deepEqual(addresses.filter((address) => address.includes(citizen)), [])
    await close()
  })

  test('the pages fit a telephone', async () => {
    Object.assign(env, administrator)
    const { page, close } = await visit(browser, env, { width: 390, height: 844 })
    await signIn(page, env)
    for (const [path, name] of [['/privacy', 'privacy'], ['/privacy/citizen', 'citizen'], ['/privacy/erasures', 'erasures']]) {
      await page.goto(path)
      await checkWidth(page, name)
      await screenshot(page, `${name}-390`)
    }
    await close()
  })
})
