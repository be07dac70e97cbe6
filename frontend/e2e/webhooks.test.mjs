import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, visit } from './browser.js'
import { signInAs } from './pages.js'

const patience = 60_000
const env = environment()
// What an application of an Ente gets is asked of the simulator's receiver, which only an all-in-one of its own names.
const missing = env.missing ?? (env.binary ? undefined : 'the receiver of webhooks needs an all-in-one of its own (GENIO_DEV)')

// Inside the network of whoever runs GeNIO. The all-in-one lets webhooks be on its own machine, and nowhere else inside.
const inside = 'http://10.0.0.1/avvisi'

// An invented citizen of the simulator, who is on app IO.
const onIO = 'BRBZRZ80E01X000Y'

// Nobody needs more steps from the top of a page to what he is looking for.
const furthest = 80

describe('webhooks', { skip: missing }, () => {
  let browser
  let genio
  before(async () => {
    genio = await startGenio(env.binary, 'demo-retry')
    env.url = genio.url
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  const receiver = (behaviour) => `${genio.simulator}/webhooks/${behaviour}`

  /** What a receiver got, the oldest first. */
  const received = async (behaviour) => {
    const { received } = await (await fetch(`${genio.simulator}/webhooks`)).json()
    return received.filter((one) => one.behaviour === behaviour)
  }

  /** Makes a webhook of a service, and gives its secret and its address in the backoffice. */
  const make = async (page, service, url) => {
    await page.goto('/webhooks/new')
    await page.getByLabel('Servizio').selectOption({ label: service })
    await page.getByLabel('Indirizzo', { exact: true }).fill(url)
    await page.getByRole('button', { name: "Crea l'avviso" }).click()
    const secret = await page.getByLabel('Segreto', { exact: true }).inputValue()
    await page.getByRole('link', { name: "L'ho conservato" }).click()
    await page.getByRole('heading', { name: 'Ultimi avvisi' }).waitFor()
    return { secret, address: new URL(page.url()).pathname }
  }

  /** Does an act of a webhook that is asked about once more. */
  const act = async (page, button, confirm, done) => {
    await page.getByRole('link', { name: button, exact: true }).click()
    await page.getByRole('button', { name: confirm }).click()
    await page.getByText(done).waitFor()
  }

  const deliveries = (page, text) => page.locator('tbody tr').filter({ has: page.getByText(text, { exact: true }) })

  /** Looks at the page until so many deliveries are as wanted: it tells no news by itself. */
  const awaitDeliveries = async (page, text, count = 1) => {
    const end = Date.now() + patience
    while ((await deliveries(page, text).count()) < count) {
      assert.ok(Date.now() < end, `not ${count} deliveries with ${text}: ${await page.locator('main').innerText()}`)
      await page.waitForTimeout(300)
      await page.reload()
    }
  }

  test('an address, a secret that is seen once, a test, a failure that is told again, another secret, the end', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signInAs(page, 'amministratore')
    await page.getByRole('navigation', { name: 'Principale' }).getByRole('link', { name: 'Configurazione' }).click()
    await page.getByRole('link', { name: "Avvisi all'applicazione" }).click()
    await checkAccessibility(page, 'webhooks')
    await screenshot(page, 'webhooks-1366')

    // Where nobody outside may have GeNIO call, it is not entered.
    await page.getByRole('link', { name: "Nuovo avviso all'applicazione" }).click()
    await page.getByLabel('Servizio').selectOption({ label: 'Convocazioni' })
    await page.getByLabel('Indirizzo', { exact: true }).fill(inside)
    await page.getByRole('button', { name: "Crea l'avviso" }).click()
    await page.locator('#url-problem').getByText('raggiungibile su Internet').waitFor()
    assert.equal(await page.getByLabel('Indirizzo', { exact: true }).inputValue(), inside, 'what was typed is still there')
    await checkAccessibility(page, 'refused address')
    await screenshot(page, 'webhook-refused-1366')

    await page.getByLabel('Indirizzo', { exact: true }).fill(receiver('fail'))
    await page.getByRole('button', { name: "Crea l'avviso" }).dblclick()
    const secret = await page.getByLabel('Segreto', { exact: true }).inputValue()
    assert.match(secret, /^whsec_/)
    await checkAccessibility(page, 'secret')
    await screenshot(page, 'webhook-secret-1366')
    await page.getByRole('link', { name: "L'ho conservato" }).click()
    assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again')
    await page.getByText('Nessun avviso.').waitFor()
    await checkAccessibility(page, 'new webhook')
    await screenshot(page, 'webhook-1366')
    const address = new URL(page.url()).pathname

    // The application fails: a test is told once, and what became of it is seen.
    await act(page, 'Prova', 'Sì, invia la prova', "L'avviso di prova è in partenza")
    await awaitDeliveries(page, 'Non consegnato')
    await deliveries(page, 'Prova').getByText('HTTP 500').waitFor()
    const [failed] = await received('fail')
    assert.equal(JSON.parse(failed.body).type, 'webhook.test')
    assert.ok(signedWith(secret, failed))
    await checkAccessibility(page, 'failed delivery')
    await screenshot(page, 'webhook-failed-1366')
    await page.getByRole('link', { name: 'Mostra solo quelli non consegnati' }).click()
    await deliveries(page, 'Non consegnato').waitFor()
    await page.getByRole('link', { name: 'Mostra tutti' }).click()

    // It is put right elsewhere, and told again there.
    await page.getByRole('link', { name: 'Cambia indirizzo' }).click()
    await page.getByLabel('Indirizzo', { exact: true }).fill(inside)
    await page.getByRole('button', { name: 'Salva' }).click()
    await page.locator('#url-problem').waitFor()
    await page.getByLabel('Indirizzo', { exact: true }).fill(receiver('e2e'))
    await checkAccessibility(page, 'change of the address')
    await page.getByRole('button', { name: 'Salva' }).click()
    await page.getByText("L'indirizzo è stato cambiato.").waitFor()
    await page.getByText(receiver('e2e')).waitFor()
    await page.getByRole('link', { name: 'Invia di nuovo' }).click()
    await page.getByRole('heading', { name: 'Inviare di nuovo questo avviso?' }).waitFor()
    await checkAccessibility(page, 'telling again')
    await screenshot(page, 'webhook-retell-1366')
    await page.getByRole('button', { name: 'Sì, invia di nuovo' }).dblclick()
    await page.getByText("L'avviso è di nuovo in partenza.").waitFor()
    await awaitDeliveries(page, 'Consegnato')
    const again = await received('e2e')
    assert.equal(again.length, 1, 'a double click tells once')
    assert.equal(again[0].header['Webhook-Id'][0], failed.header['Webhook-Id'][0], 'it is the same event')

    // Two secrets sign meanwhile.
    await page.getByRole('link', { name: 'Sostituisci il segreto' }).click()
    await checkAccessibility(page, 'rotation')
    await page.getByLabel('24 ore').check({ force: true })
    await page.getByRole('button', { name: 'Sì, crea il segreto nuovo' }).click()
    const fresh = await page.getByLabel('Segreto', { exact: true }).inputValue()
    assert.notEqual(fresh, secret)
    await page.getByRole('link', { name: "L'ho conservato" }).click()
    await page.getByText('Il segreto precedente firma fino al').waitFor()
    const notification = await send(genio, 'Convocazioni')
    await awaitDeliveries(page, 'Consegnato', 2)
    const told = (await received('e2e')).at(-1)
    assert.equal(JSON.parse(told.body).data.notification_id, notification)
    assert.ok(!told.body.includes(onIO), 'nothing of the citizen is told')
    for (const one of [secret, fresh]) assert.ok(signedWith(one, told))
    await page.getByRole('link', { name: 'Notifica: consegnata' }).waitFor()
    await checkAccessibility(page, 'deliveries')
    await screenshot(page, 'webhook-deliveries-1366')

    // Once it is off, nothing is told.
    await act(page, 'Disattiva', 'Sì, disattiva', "L'avviso è disattivato.")
    await page.getByText("L'applicazione non viene avvisata.").waitFor()
    await checkAccessibility(page, 'webhook that is off')
    await screenshot(page, 'webhook-off-1366')
    await send(genio, 'Convocazioni')
    await page.reload()
    assert.equal(await page.locator('tbody tr').count(), 2)
    await act(page, 'Riattiva', 'Sì, riattiva', "L'avviso è attivo.")
    await act(page, 'Elimina', 'Sì, elimina', "L'avviso è stato eliminato.")
    assert.equal(await page.getByRole('link', { name: 'Convocazioni' }).count(), 0)
    assert.equal((await page.request.get(address)).status(), 404)
    await close()
  })

  test('an application that wants no more is left alone', async () => {
    const { page, close } = await visit(browser, env)
    await signInAs(page, 'amministratore')
    const { address } = await make(page, 'Convocazioni', receiver('gone'))
    await send(genio, 'Convocazioni')
    await awaitDeliveries(page, 'Non consegnato')
    await page.getByText("Disattivato dall'applicazione").waitFor()
    await page.getByText('HTTP 410').waitFor()
    await checkAccessibility(page, 'webhook whose application is gone')
    await screenshot(page, 'webhook-gone-1366')
    await page.goto(address)
    await act(page, 'Elimina', 'Sì, elimina', "L'avviso è stato eliminato.")
    await close()
  })

  test('the keyboard alone is enough, and the focus is seen', async () => {
    const { page, close } = await visit(browser, env)
    await signInAs(page, 'amministratore')
    await page.goto('/webhooks')
    const press = async (wanted, key = 'Enter') => {
      await reach(page, wanted)
      await page.keyboard.press(key)
    }
    await press(page.getByRole('link', { name: "Nuovo avviso all'applicazione" }))
    await page.waitForURL('**/webhooks/new')
    await reach(page, page.getByLabel('Servizio'))
    await page.keyboard.type('Convocazioni')
    await reach(page, page.getByLabel('Indirizzo', { exact: true }))
    await page.keyboard.type(receiver('keys'))
    await page.keyboard.press('Enter')
    const shown = page.getByLabel('Segreto', { exact: true })
    await shown.waitFor()
    assert.ok(await shown.evaluate((element) => element === document.activeElement), 'the secret has the focus')
    await press(page.getByRole('link', { name: "L'ho conservato" }))
    await page.getByText('Nessun avviso.').waitFor()

    await press(page.getByRole('link', { name: 'Prova', exact: true }))
    await page.getByRole('heading', { name: 'Inviare un avviso di prova?' }).waitFor()
    await press(page.getByRole('button', { name: 'Sì, invia la prova' }))
    const notice = page.getByRole('status').filter({ hasText: "L'avviso di prova è in partenza" })
    await notice.waitFor()
    assert.ok(await notice.evaluate((element) => element === document.activeElement), 'the notice has the focus')
    await awaitDeliveries(page, 'Consegnato')
    await press(page.getByRole('link', { name: 'Invia di nuovo' }))
    await press(page.getByRole('button', { name: 'Sì, invia di nuovo' }))
    await page.getByText("L'avviso è di nuovo in partenza.").waitFor()

    await press(page.getByRole('link', { name: 'Sostituisci il segreto' }))
    await page.getByRole('heading', { name: 'Sostituire il segreto?' }).waitFor()
    await press(page.getByRole('radio').first(), 'Space')
    await press(page.getByRole('button', { name: 'Sì, crea il segreto nuovo' }))
    await press(page.getByRole('link', { name: "L'ho conservato" }))
    await press(page.getByRole('link', { name: 'Elimina', exact: true }))
    await press(page.getByRole('button', { name: 'Sì, elimina' }))
    await page.getByText("L'avviso è stato eliminato.").waitFor()
    await close()
  })

  test('everything works without JavaScript', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false, expected: [422] })
    await signInAs(page, 'amministratore')
    await page.goto('/webhooks/new')
    await page.getByLabel('Indirizzo', { exact: true }).fill(inside)
    await page.getByLabel('Servizio').selectOption({ label: 'Convocazioni' })
    await page.getByRole('button', { name: "Crea l'avviso" }).click()
    await page.locator('#url-problem').waitFor()
    const { address } = await make(page, 'Convocazioni', receiver('plain'))
    await act(page, 'Prova', 'Sì, invia la prova', "L'avviso di prova è in partenza")
    await awaitDeliveries(page, 'Consegnato')
    await act(page, 'Invia di nuovo', 'Sì, invia di nuovo', "L'avviso è di nuovo in partenza.")
    await page.getByRole('link', { name: 'Sostituisci il segreto' }).click()
    await page.getByLabel('1 ora').check({ force: true })
    await page.getByRole('button', { name: 'Sì, crea il segreto nuovo' }).click()
    assert.match(await page.getByLabel('Segreto', { exact: true }).inputValue(), /^whsec_/)
    await page.goto(address)
    await act(page, 'Disattiva', 'Sì, disattiva', "L'avviso è disattivato.")
    await act(page, 'Elimina', 'Sì, elimina', "L'avviso è stato eliminato.")
    await close()
  })

  for (const width of [320, 360, 390]) {
    test(`the pages of webhooks fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width, expected: [422] })
      const look = async (name) => {
        await checkWidth(page, name)
        await checkAccessibility(page, name)
        await screenshot(page, `${name}-${width}`)
      }
      await signInAs(page, 'amministratore')
      await page.goto('/webhooks/new')
      await page.getByLabel('Indirizzo', { exact: true }).fill(`${inside}/con/un/percorso/che/non/finisce/mai?codice=0123456789abcdef0123456789abcdef`)
      await page.getByRole('button', { name: "Crea l'avviso" }).click()
      await page.locator('#url-problem').waitFor()
      await look('webhook-new')
      await page.getByLabel('Servizio').selectOption({ label: 'Convocazioni' })
      await page.getByLabel('Indirizzo', { exact: true }).fill(`${receiver('fail')}?codice=0123456789abcdef0123456789abcdef0123456789abcdef`)
      await page.getByRole('button', { name: "Crea l'avviso" }).click()
      await page.getByLabel('Segreto', { exact: true }).waitFor()
      await look('webhook-secret')
      await page.getByRole('link', { name: "L'ho conservato" }).click()
      await act(page, 'Prova', 'Sì, invia la prova', "L'avviso di prova è in partenza")
      await awaitDeliveries(page, 'Non consegnato')
      await send(genio, 'Convocazioni')
      await awaitDeliveries(page, 'In attesa')
      await look('webhook')
      await page.getByRole('link', { name: 'Invia di nuovo' }).click()
      await look('webhook-retell')
      await page.goBack()
      await page.getByRole('link', { name: 'Sostituisci il segreto' }).click()
      await look('webhook-rotate')
      await page.goto('/webhooks')
      await look('webhooks')
      await page.getByRole('link', { name: 'Convocazioni' }).click()
      await act(page, 'Elimina', 'Sì, elimina', "L'avviso è stato eliminato.")
      await close()
    })
  }
})

/** Tells whether one of the signatures of a call is made with the secret, as Standard Webhooks describe it. */
function signedWith(secret, { header, body }) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${header['Webhook-Id'][0]}.${header['Webhook-Timestamp'][0]}.${body}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  return header['Webhook-Signature'][0].split(' ').includes(`v1,${signature}`)
}

/** Goes from one thing to the next with the tabulator until the wanted one has the focus, which everybody sees. */
async function reach(page, wanted) {
  await wanted.waitFor()
  for (let presses = 0; presses < furthest; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const seen = await wanted.evaluate((element) => {
        // A check box of the design system is drawn by its label.
        const drawn = element.type === 'radio' ? [element, ...element.labels] : [element]
        return drawn.some((one) => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
        })
      })
      assert.ok(seen, `the focus on ${wanted} is not seen`)
      return
    }
    await page.keyboard.press('Tab')
  }
  assert.fail(`${wanted} is not reached with the keyboard`)
}

/** Sends a notification with a service of the demonstration, and gives its id once it has ended. */
async function send(genio, service) {
  const headers = { Authorization: `Bearer ${genio.key}`, 'Content-Type': 'application/json' }
  const { items } = await (await fetch(`${genio.url}/api/v1/services`, { headers })).json()
  const content = {
    subject: 'Convocazione in municipio',
    markdown: 'La invitiamo a presentarsi in municipio entro trenta giorni, con un documento, per ritirare la sua tessera elettorale.',
  }
  const accepted = await fetch(`${genio.url}/api/v1/notifications`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ service_id: items.find(({ name }) => name === service).id, recipient: { fiscal_code: onIO }, content }),
  })
  assert.equal(accepted.status, 202)
  const { id } = await accepted.json()
  const end = Date.now() + patience
  for (;;) {
    const { status } = await (await fetch(`${genio.url}/api/v1/notifications/${id}`, { headers })).json()
    if (!['accepted', 'scheduled', 'in_progress'].includes(status)) return id
    assert.ok(Date.now() < end, 'the notification does not end')
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
