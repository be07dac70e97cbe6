import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const patience = 60_000
const env = environment()

// An invented citizen of the simulator who is not on IO and would get an SMS.
const notOnIO = 'LFBCFN81H42X001D'
const support = { user: 'assistenza@genio.example', password: 'assistenza-demo' }

describe('support', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      Object.assign(env, { url: genio.url })
    }
    Object.assign(env, support)
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  test('filter the failed ones, see what a retry would do, confirm it, watch it end, read who and why', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signIn(page, env)
    await page.goto('/notifications?status=failed')
    await page.getByRole('link', { name: 'Agisci su tutte le notifiche di questo elenco' }).click()
    await checkAccessibility(page, 'new intervention')
    await page.locator('label[for="act-retry"]').click()
    await page.getByRole('button', { name: 'Mostra che cosa accadrebbe' }).click()
    await page.getByRole('heading', { name: 'Che cosa accadrebbe: Riprova' }).waitFor()
    await checkAccessibility(page, 'dry run')
    await screenshot(page, 'intervention-dry-run-1366')

    // A reason that names nobody is asked for; what was chosen stays.
    await page.getByLabel('Motivo', { exact: true }).fill('per RSSMRA80A01H501U')
    await page.getByRole('button', { name: /^Conferma per / }).click()
    await page.getByText(/Niente codice fiscale/).waitFor()
    await checkAccessibility(page, 'refused reason')
    await page.getByLabel('Motivo', { exact: true }).fill('Chiave di app IO rinnovata')
    await page.getByRole('button', { name: /^Conferma per / }).dblclick()
    await page.waitForURL(/\/interventions\/[0-9a-f-]+$/)

    await page.locator('#state-status').getByText('Concluso').waitFor({ timeout: patience })
    await page.getByText('Chiave di app IO rinnovata').waitFor()
    await checkAccessibility(page, 'intervention')
    await screenshot(page, 'intervention-1366')

    await page.getByRole('navigation').getByRole('link', { name: 'Interventi' }).first().click()
    assert.equal(await page.getByRole('rowheader').count(), 1, 'a double click acted once')
    await page.getByRole('cell', { name: 'Chiave di app IO rinnovata' }).waitFor()
    await checkAccessibility(page, 'interventions')
    await screenshot(page, 'interventions-1366')

    await page.goto('/notifications?reference=demo-retry')
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.getByText('Intervento su più notifiche: nuovo tentativo').waitFor()
    await page.getByText('Motivo indicato: Chiave di app IO rinnovata').waitFor()
    await close()
  })

  test('pause IO, see a notification wait without an SMS, lift the pause, see it delivered', { skip: !env.binary }, async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.getByRole('navigation').getByRole('link', { name: 'Pause' }).click()
    await checkAccessibility(page, 'pauses')
    await page.getByRole('link', { name: 'Nuova pausa' }).click()
    await checkAccessibility(page, 'new pause')
    await screenshot(page, 'pause-new-1366')
    await page.locator('label[for="thing-channel:io"]').click()
    await page.getByLabel('Motivo', { exact: true }).fill('app IO in manutenzione')
    await page.getByRole('button', { name: 'Metti in pausa' }).dblclick()
    await page.waitForURL('**/pauses')
    await page.getByRole('note').getByText(/App IO: in pausa dal .* Motivo: app IO in manutenzione/).waitFor()
    assert.equal(await page.getByRole('rowheader').count(), 1, 'a double click paused once')
    await screenshot(page, 'pauses-1366')

    const reference = 'pausa-di-prova'
    await send(reference)
    await page.goto(`/notifications?reference=${reference}`)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.locator('#state-status').getByText('In sospeso').waitFor({ timeout: patience })
    await page.getByText(/In attesa: app IO è in pausa dal .* per: app IO in manutenzione/).waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Tentativi' }).count(), 0, 'nothing was sent on any channel')
    await checkAccessibility(page, 'waiting notification')
    await screenshot(page, 'notification-paused-1366')

    await page.goto('/pauses')
    await page.getByRole('cell').getByRole('link', { name: 'Termina la pausa' }).click()
    await checkAccessibility(page, 'lift')
    await page.getByRole('button', { name: 'Termina la pausa' }).click()
    await page.getByText('La pausa è finita: l\'invio riprende.').waitFor()
    assert.equal(await page.getByRole('note').count(), 0)

    await page.goto(`/notifications?reference=${reference}`)
    await page.getByRole('rowheader').getByRole('link').first().click()
    await page.locator('#state-status').getByText('Consegnata').waitFor({ timeout: patience })
    await close()
  })

  for (const width of [360, 390]) {
    test(`pages fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await signIn(page, env)
      for (const [name, path] of [
        ['interventions', '/interventions'],
        ['intervention-new', '/interventions/new?status=delivered&status=failed&act=retry'],
        ['pauses', '/pauses'],
        ['pause-new', '/pauses/new'],
      ]) {
        await page.goto(path)
        await checkWidth(page, name)
        await checkAccessibility(page, name)
        await screenshot(page, `${name}-${width}`)
      }
      await page.goto('/interventions')
      await page.getByRole('rowheader').getByRole('link').first().click()
      await checkWidth(page, 'intervention')
      await screenshot(page, `intervention-${width}`)
      await close()
    })
  }

  /** Hands a notification in as an Ente's application does. */
  async function send(reference) {
    const headers = { Authorization: `Bearer ${genio.key}`, 'Content-Type': 'application/json' }
    const services = await (await fetch(`${env.url}/api/v1/services`, { headers })).json()
    const answer = await fetch(`${env.url}/api/v1/notifications`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        service_id: services.items[0].id,
        external_reference: reference,
        recipient: { fiscal_code: notOnIO, phone: '+393331234503' },
        content: {
          subject: 'Prova di una pausa di app IO',
          markdown: 'Il Comune la informa che la sua pratica è stata accolta e che può ritirare il documento in municipio.',
        },
      }),
    })
    assert.equal(answer.status, 202, await answer.text())
  }
})
