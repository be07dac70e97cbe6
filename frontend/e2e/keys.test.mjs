import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, visit } from './browser.js'

const patience = 60_000
const env = environment()
// The pages of keys are for those who configure an Ente. What they import needs the demonstration's manage key.
const missing = env.missing ?? (env.binary ? undefined : 'the import from IO needs an all-in-one of its own (GENIO_DEV)')
const administrator = { user: 'amministratore@borgo.example', password: 'amministratore-demo' }

// An invented citizen of the simulator, who is on app IO.
const onIO = 'BRBZRZ80E01X000Y'

describe('keys', { skip: missing }, () => {
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

  const enter = async (page) => {
    await page.goto('/signin')
    await page.getByLabel('Indirizzo e-mail').fill(administrator.user)
    await page.getByLabel('Password').fill(administrator.password)
    await page.getByRole('button', { name: 'Accedi', exact: true }).click()
    await page.waitForURL('**/dashboard')
  }

  const services = (secret) => fetch(`${env.url}/api/v1/services`, { headers: { Authorization: `Bearer ${secret}` } })

  const make = async (page, name, change = async () => {}) => {
    await page.goto('/api-keys/new')
    await page.getByLabel('Nome').fill(name)
    await change()
    await page.getByRole('button', { name: 'Crea la chiave' }).dblclick()
    const shown = page.getByLabel('Segreto', { exact: true })
    await shown.waitFor()
    return shown.inputValue()
  }

  const row = (page, name, state) => page.getByRole('row').filter({ hasText: name }).filter({ hasText: state })

  test('make a key, see it once, use it, replace it, use both, revoke the old one', async () => {
    const { page, close } = await visit(browser, env)
    await enter(page)
    await page.goto('/api-keys')
    await checkAccessibility(page, 'keys')
    await page.getByRole('link', { name: 'Nuova chiave API' }).click()
    await checkAccessibility(page, 'new key')
    await screenshot(page, 'key-new-1366')

    const old = await make(page, 'Protocollo')
    await checkAccessibility(page, 'secret')
    await screenshot(page, 'key-secret-1366')
    assert.equal((await services(old)).status, 200)
    assert.equal((await services(old)).headers.get('api-key-expires'), null, 'it never ends')

    await page.getByRole('link', { name: "L'ho conservato" }).click()
    assert.equal(await page.getByText(old).count(), 0, 'the secret is not shown again')
    assert.equal(await row(page, 'Protocollo', 'In vigore').count(), 1, 'a double click makes one key')

    await row(page, 'Protocollo', 'In vigore').getByRole('link', { name: /^Sostituisci/ }).click()
    await checkAccessibility(page, 'rotation')
    await screenshot(page, 'key-rotate-1366')
    await page.getByLabel('24 ore').check({ force: true })
    await page.getByRole('button', { name: 'Sì, crea la chiave nuova' }).click()
    const fresh = await page.getByLabel('Segreto', { exact: true }).inputValue()
    assert.notEqual(fresh, old)
    for (const secret of [old, fresh]) assert.equal((await services(secret)).status, 200, 'both work meanwhile')
    assert.match((await services(old)).headers.get('api-key-expires'), /GMT$/, 'the old one announces its end')

    await page.goto('/api-keys')
    await screenshot(page, 'keys-1366')
    await row(page, 'Protocollo', 'In sostituzione').getByRole('link', { name: /^Revoca/ }).click()
    await page.getByText('Ultimo uso', { exact: true }).waitFor()
    await checkAccessibility(page, 'revocation')
    await page.getByRole('button', { name: 'Sì, revoca la chiave' }).click()
    await page.getByText('La chiave è stata revocata.').waitFor()
    await checkAccessibility(page, 'keys with a revoked one')
    assert.equal((await services(old)).status, 401)
    assert.equal((await services(fresh)).status, 200)
    await close()
  })

  test('a key bound to another network is refused, and works once its networks are put right', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await enter(page)
    await page.goto('/api-keys/new')
    await page.getByLabel('Nome').fill('Da ovunque')
    await page.getByLabel('Indirizzi da cui si può usare').fill('0.0.0.0/0')
    await page.getByRole('button', { name: 'Crea la chiave' }).click()
    await page.locator('#ip_ranges-problem').getByText('comprende ogni indirizzo').waitFor()
    await checkAccessibility(page, 'problems of a key')

    const secret = await make(page, 'Solo dalla sede', () => page.getByLabel('Indirizzi da cui si può usare').fill('192.0.2.0/24\n2001:db8::/32'))
    const refused = await services(secret)
    assert.equal(refused.status, 403)
    assert.equal((await refused.json()).code, 'address_not_allowed')

    await page.goto('/api-keys')
    await row(page, 'Solo dalla sede', 'In vigore').getByRole('link', { name: /^Modifica/ }).click()
    await checkAccessibility(page, 'change of a key')
    await page.getByLabel('Indirizzi da cui si può usare').fill('127.0.0.0/8\n::1')
    await page.getByRole('button', { name: 'Salva' }).click()
    await page.getByText('La chiave è stata modificata.').waitFor()
    assert.equal((await services(secret)).status, 200)
    await close()
  })

  test('import the two services that are on IO only, and send with one of them', async () => {
    const { page, close } = await visit(browser, env)
    await enter(page)
    await page.goto('/service-imports')
    await checkAccessibility(page, 'imports')
    await screenshot(page, 'imports-1366')

    const state = page.locator('#state-status')
    await page.getByLabel('Chiave di gestione (manage key)').fill('non-e-una-chiave')
    await page.getByRole('button', { name: 'Leggi i servizi da IO' }).click()
    await state.getByText('Non riuscita').waitFor({ timeout: patience })
    await page.getByText('IO rifiuta la chiave di gestione').waitFor()
    await checkAccessibility(page, 'failed import')
    await screenshot(page, 'import-failed-1366')

    await page.getByRole('link', { name: 'Nuova lettura' }).click()
    await page.getByLabel('Chiave di gestione (manage key)').fill(genio.manageKey)
    await page.getByLabel('Conserva la chiave').check({ force: true })
    await page.getByRole('button', { name: 'Leggi i servizi da IO' }).dblclick()
    await state.getByText('Da scegliere').waitFor({ timeout: patience })
    await checkAccessibility(page, 'choice of services')
    await screenshot(page, 'import-choice-1366')
    for (const name of ['Biblioteca comunale', 'Polizia locale']) assert.ok(await page.getByLabel(name).isChecked(), name)
    assert.equal(await page.getByText(genio.manageKey).count(), 0)

    await page.getByRole('button', { name: 'Importa i servizi scelti' }).dblclick()
    await page.getByText('I servizi scelti sono stati importati.').first().waitFor()
    await checkAccessibility(page, 'imported')

    const known = (await (await services(genio.key)).json()).items
    const library = known.find(({ name }) => name === 'Biblioteca comunale')
    assert.ok(library && known.some(({ name }) => name === 'Polizia locale'))
    assert.equal(known.length, 6, 'nothing is imported twice')
    assert.equal(await delivered(genio, library.id), 'delivered')

    // A second reading finds nothing to do; it needs no key to be typed.
    await page.goto('/service-imports')
    await page.getByRole('button', { name: 'Leggi i servizi da IO' }).click()
    await state.getByText('Da scegliere').waitFor({ timeout: patience })
    assert.equal(await page.getByLabel('Biblioteca comunale').isChecked(), false)
    await row(page, 'Biblioteca comunale', 'Già aggiornato').waitFor()
    await close()
  })

  test('a reading goes without JavaScript, and a kept manage key can be removed', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await enter(page)
    await page.goto('/service-imports')
    await page.getByLabel('Chiave di gestione (manage key)').fill(genio.manageKey)
    await page.getByLabel('Conserva la chiave').check({ force: true })
    await page.getByRole('button', { name: 'Leggi i servizi da IO' }).click()
    const end = Date.now() + patience
    while (!(await page.locator('#state-status').innerText()).includes('Da scegliere')) {
      assert.ok(Date.now() < end, 'the reading does not end')
      await page.waitForTimeout(300)
      await page.reload()
    }
    await page.goto('/service-imports')
    await page.getByRole('link', { name: 'Togli la chiave conservata' }).click()
    await page.getByRole('button', { name: 'Sì, togli la chiave' }).click()
    await page.getByText('La chiave di gestione è stata tolta.').waitFor()
    const secret = await make(page, 'Senza JavaScript')
    assert.equal((await services(secret)).status, 200)
    await close()
  })

  for (const width of [320, 360, 390]) {
    test(`the pages of keys fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await enter(page)
      await make(page, 'Stretta', () => page.getByLabel('Indirizzi da cui si può usare').fill('2001:db8:1234:5678:9abc:def0:1234:0/112\n192.0.2.0/24'))
      await checkWidth(page, 'secret')
      await checkAccessibility(page, 'secret')
      await screenshot(page, `key-secret-${width}`)
      for (const [path, name] of [['/api-keys', 'keys'], ['/api-keys/new', 'key-new'], ['/service-imports', 'imports']]) {
        await page.goto(path)
        await checkWidth(page, path)
        await checkAccessibility(page, path)
        await screenshot(page, `${name}-${width}`)
      }
      await page.getByLabel('Chiave di gestione (manage key)').fill(genio.manageKey)
      await page.getByRole('button', { name: 'Leggi i servizi da IO' }).click()
      await page.locator('#state-status').getByText('Da scegliere').waitFor({ timeout: patience })
      await checkWidth(page, 'choice of services')
      await checkAccessibility(page, 'choice of services')
      await screenshot(page, `import-choice-${width}`)
      await close()
    })
  }
})

/** Sends a notification with the service, and gives the status in which it ends. */
async function delivered(genio, service) {
  const headers = { Authorization: `Bearer ${genio.key}`, 'Content-Type': 'application/json' }
  const content = {
    subject: 'Prestito in scadenza',
    markdown: 'Il prestito del libro scade tra sette giorni: si può prolungare in biblioteca oppure dal sito del Comune.',
  }
  const accepted = await fetch(`${genio.url}/api/v1/notifications`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ service_id: service, recipient: { fiscal_code: onIO }, content }),
  })
  assert.equal(accepted.status, 202)
  const { id } = await accepted.json()
  const end = Date.now() + patience
  for (;;) {
    const { status } = await (await fetch(`${genio.url}/api/v1/notifications/${id}`, { headers })).json()
    if (!['accepted', 'scheduled', 'in_progress'].includes(status) || Date.now() > end) return status
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
