import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const env = environment()
const system = { user: 'sistema@genio.example', password: 'sistema-demo' }
const service = 'Avvisi di pagamento'

// Whoever runs the tests twice against one installation needs another Ente each time: an invented code with its check digit.
function inventedCode() {
  const digits = String(Date.now()).slice(-10).split('').map(Number)
  const sum = digits.reduce((total, digit, i) => {
    if (i % 2 === 0) return total + digit
    return total + (digit * 2 > 9 ? digit * 2 - 9 : digit * 2)
  }, 0)
  return digits.join('') + ((10 - (sum % 10)) % 10)
}

describe('registry', { skip: env.missing }, () => {
  let browser
  let genio
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      env.url = genio.url
    }
    Object.assign(env, system)
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  async function openService(page, name = service) {
    await page.goto('/services')
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
  }

  test('an Ente joins, gets a service, is suspended', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signIn(page, env)
    await page.getByRole('navigation', { name: 'Principale' }).getByRole('link', { name: 'Configurazione' }).click()
    await checkAccessibility(page, 'settings')
    await screenshot(page, 'settings-1366')

    await page.getByRole('link', { name: 'Enti', exact: true }).click()
    await checkAccessibility(page, 'Enti')
    await page.getByRole('link', { name: 'Nuovo Ente' }).click()
    await page.getByLabel('Ente', { exact: true }).fill('Comune di Valle Esempio')
    await page.getByLabel('Codice fiscale').fill('80000000001')
    await page.getByRole('button', { name: 'Registra la richiesta' }).click()
    await page.getByRole('alert').waitFor()
    assert.equal(await page.getByLabel('Ente', { exact: true }).inputValue(), 'Comune di Valle Esempio')
    await checkAccessibility(page, 'new Ente with a problem')
    await screenshot(page, 'ente-new-1366')
    await page.getByLabel('Codice fiscale').fill(inventedCode())
    await page.getByRole('button', { name: 'Registra la richiesta' }).click()
    await page.getByText('La richiesta di adesione è stata registrata.').waitFor()

    await page.getByRole('link', { name: "Registra l'accordo firmato" }).click()
    await page.getByLabel("Versione dell'accordo").fill('1.2')
    await page.getByLabel('Data della firma').fill('2026-01-15')
    await checkAccessibility(page, 'agreement')
    await page.getByRole('button', { name: "Sì, registra l'accordo" }).click()
    await page.getByRole('link', { name: "Attiva l'Ente" }).click()
    await page.getByRole('button', { name: "Sì, attiva l'Ente" }).dblclick()
    await page.getByText("L'Ente è attivo.").waitFor()

    await page.getByRole('link', { name: 'Nuovo servizio' }).click()
    await page.getByLabel('Nome del servizio').fill('Mensa scolastica')
    await page.getByLabel('Mittente degli SMS').fill('Valle Es')
    await page.getByLabel('Importo massimo dei pagamenti').fill('1.500,50')
    await page.getByLabel('Chiave primaria').fill('0f6ad1f0b5c24e2bb2f0c6f2d3a8e9aa')
    await page.getByRole('button', { name: 'Crea il servizio' }).click()
    await page.getByText('Un alias ha solo lettere').first().waitFor()
    await checkAccessibility(page, 'new service with a problem')
    await screenshot(page, 'service-new-1366')
    await page.getByLabel('Mittente degli SMS').fill('ValleEs')
    await page.getByLabel('Chiave primaria').fill('0f6ad1f0b5c24e2bb2f0c6f2d3a8e9aa')
    await page.getByRole('button', { name: 'Crea il servizio' }).click()
    await page.getByText('Il servizio è stato creato.').waitFor()
    await page.getByText('1.500,50 €').waitFor()

    await page.getByRole('link', { name: 'Comune di Valle Esempio' }).click()
    await page.getByText('Mensa scolastica').waitFor()
    await checkAccessibility(page, 'Ente')
    await screenshot(page, 'ente-1366')
    await page.getByRole('link', { name: "Sospendi l'Ente" }).click()
    await page.getByText('Notifiche già in lavorazione', { exact: false }).or(page.getByText('già in lavorazione')).first().waitFor()
    await page.getByLabel('Motivo').fill('Accordo da rinnovare')
    await checkAccessibility(page, 'suspension')
    await screenshot(page, 'ente-suspend-1366')
    await page.getByRole('button', { name: "Sì, sospendi l'Ente" }).click()
    await page.getByText('Accordo da rinnovare').waitFor()
    await page.getByText('Ente non attivo').waitFor()
    await close()
  })

  test('keys are tested and switched', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await openService(page)
    const primary = page.getByRole('region', { name: /Chiave primaria/ })
    const secondary = page.getByRole('region', { name: /Chiave secondaria/ })

    await primary.getByRole('button', { name: 'Prova la chiave' }).click()
    await page.getByText('La chiave funziona.').waitFor()
    await primary.getByText('Funziona', { exact: true }).waitFor()

    await secondary.getByRole('link').click()
    await page.getByLabel('Nuova chiave').fill('chiave-revocata-da-io')
    await checkAccessibility(page, 'key')
    await page.getByRole('button', { name: 'Salva la chiave' }).click()
    await page.getByText('La chiave è stata salvata.').waitFor()
    await secondary.getByRole('button', { name: 'Prova la chiave' }).click()
    await page.getByText('app IO ha rifiutato la chiave.').waitFor()
    await secondary.getByText('Rifiutata', { exact: true }).waitFor()
    assert.ok(!(await page.content()).includes('chiave-revocata'), 'a key is never read again')

    await secondary.getByRole('button', { name: 'Usa questa chiave' }).click()
    await secondary.getByText('in uso').waitFor()
    await primary.getByRole('button', { name: 'Usa questa chiave' }).click()
    await primary.getByText('in uso').waitFor()
    await checkAccessibility(page, 'service')
    await screenshot(page, 'service-1366')
    await close()
  })

  test('the second of two who change a service is told and loses nothing', async () => {
    const first = await visit(browser, env)
    const second = await visit(browser, env, { expected: [409, 422] })
    for (const { page } of [first, second]) {
      await signIn(page, env)
      await openService(page)
      await page.getByRole('link', { name: 'Cambia le regole' }).click()
    }

    await checkAccessibility(first.page, 'policy')
    await first.page.getByLabel('Se app IO non consegna entro').fill('2')
    await first.page.getByLabel('Nessun SMS di notte').check({ force: true })
    await screenshot(first.page, 'policy-1366')
    await first.page.getByRole('button', { name: 'Salva le regole' }).click()
    await first.page.getByText('Se app IO non consegna entro 2 ore').waitFor()
    await first.page.getByText('tra le 21:00 e le 8:00').waitFor()

    const { page } = second
    await page.getByLabel('Se app IO non consegna entro').fill('9')
    await page.getByLabel('Unità del tempo di app IO').selectOption('days')
    await page.getByRole('button', { name: 'Salva le regole' }).click()
    await page.getByText('Deve essere da 1 minuto a 7 giorni').first().waitFor()
    await page.getByLabel('Se app IO non consegna entro').fill('3')
    await page.getByRole('button', { name: 'Salva le regole' }).click()
    await page.getByText('Nel frattempo qualcun altro').waitFor()
    await page.getByText('Valore salvato ora: 2 ore').waitFor()
    assert.equal(await page.getByLabel('Se app IO non consegna entro').inputValue(), '3')
    await checkAccessibility(page, 'overtaken policy')
    await screenshot(page, 'policy-overtaken-1366')
    await page.getByRole('button', { name: 'Salva le regole' }).click()
    await page.getByText('Se app IO non consegna entro 3 giorni').waitFor()
    await first.close()
    await second.close()
  })

  test('a service is deactivated and activated again, without JavaScript', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await signIn(page, env)
    await openService(page, 'Convocazioni')
    await page.getByRole('link', { name: 'Disattiva il servizio' }).click()
    await page.getByRole('button', { name: 'Sì, disattiva il servizio' }).click()
    await page.getByText('Il servizio è disattivato.').waitFor()
    await page.getByRole('link', { name: 'Riattiva il servizio' }).click()
    await page.getByRole('button', { name: 'Sì, riattiva il servizio' }).click()
    await page.getByText('Il servizio è attivo.').waitFor()
    await close()
  })

  test('pages fit on 360 px', async () => {
    const { page, close } = await visit(browser, env, { width: 360 })
    await signIn(page, env)
    for (const path of ['/settings', '/enti', '/enti/new', '/services', '/services/new']) {
      await page.goto(path)
      await checkWidth(page, path)
    }
    await openService(page)
    await checkWidth(page, 'service')
    await checkAccessibility(page, 'service')
    await screenshot(page, 'service-360')
    await page.getByRole('link', { name: 'Cambia le regole' }).click()
    await checkWidth(page, 'policy')
    await screenshot(page, 'policy-360')
    await page.goto('/services')
    await screenshot(page, 'services-360')
    await page.goto('/enti')
    await page.getByRole('link', { name: 'Comune di Borgo Esempio' }).click()
    await checkWidth(page, 'Ente')
    await screenshot(page, 'ente-360')
    await close()
  })
})
