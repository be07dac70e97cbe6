import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const patience = 60_000
const env = environment()

// Invented citizens of the simulator: two on app IO, one of whom prefers English, and one who gets an SMS.
const onIO = 'BRBZRZ80E01X000Y'
const english = 'STZDSB82L03X019S'
const notOnIO = 'LFBCFN81H42X001D'
const wrongCheckCharacter = 'CMZGFP83M44X000Z'

/** As an office exports it: Windows-1252, semicolons, names of columns that nobody can guess, one wrong code, one row twice. */
const file = Buffer.from(
  [
    'Contribuente;Nome;Cognome;Cellulare;Ubicazione',
    `${onIO};Niccolò;Fabrizi;333 1234501;"Via della Libertà, 1"`,
    `${english};Zoë;Dassi;333 1234502;Piazza Unità 2`,
    `${notOnIO};Cosmè;Landi;333 1234503;Corso Perù 3`,
    `${wrongCheckCharacter};Ugo;Errato;333 1234504;Via Città 4`,
    `${onIO};Niccolò;Fabrizi;333 1234501;"Via della Libertà, 1"`,
  ].join('\r\n'),
  'latin1',
)

describe('batches', { skip: env.missing }, () => {
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

  test('upload a file, say what its columns hold, read what is wrong, send it, see it end, download the rejected rows', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, env)
    await page.getByRole('navigation').getByRole('link', { name: 'Invii da file' }).click()
    await checkAccessibility(page, 'batches')
    await page.getByRole('link', { name: 'Carica un file' }).first().click()
    await checkAccessibility(page, 'upload')
    await page.getByLabel('Servizio').selectOption({ label: 'Avvisi di pagamento' })
    await page.getByLabel("Nome dell'invio").fill('TARI 2026')
    await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'tari.csv', mimeType: 'text/csv', buffer: file })
    await page.getByRole('button', { name: 'Carica e controlla' }).dblclick()
    await page.waitForURL(/\/batches\/[0-9a-f-]+$/)

    const state = page.locator('#state-status')
    await state.getByText('Colonne da indicare').waitFor({ timeout: patience })
    await page.getByText('Mancano ancora:').waitFor()
    await checkAccessibility(page, 'columns')
    await screenshot(page, 'batch-columns-1366')
    await page.getByLabel('Colonna A: Contribuente').selectOption({ label: 'Codice fiscale' })
    await page.getByLabel('Colonna E: Ubicazione').selectOption({ label: 'Segnaposto ((indirizzo))' })
    await page.getByRole('button', { name: 'Controlla di nuovo il file' }).click()

    await state.getByText('Da confermare').waitFor({ timeout: patience })
    await page.getByRole('link', { name: /Errate/ }).click()
    const wrong = page.getByRole('row').filter({ hasText: 'Contribuente' })
    assert.match(await wrong.innerText(), /5/)
    assert.doesNotMatch(await wrong.innerText(), new RegExp(wrongCheckCharacter), 'no error repeats a value')
    await checkAccessibility(page, 'draft')
    await screenshot(page, 'batch-draft-1366')

    await page.getByRole('link', { name: 'Guarda le notifiche come le vedrà il cittadino' }).click()
    await page.getByText('Avviso di pagamento TARI per Niccolò').first().waitFor()
    await page.getByText('Via della Libertà, 1').first().waitFor()
    await checkAccessibility(page, 'preview')
    await screenshot(page, 'batch-preview-1366')
    await page.getByRole('link', { name: "Torna all'invio" }).click()

    await page.getByRole('button', { name: 'Chiedi a IO un campione' }).click()
    await page.getByText('Raggiungibili su IO').waitFor({ timeout: patience })

    const rejected = await download(page, 'Scarica la riga errata')
    assert.match(rejected.toString('utf8'), /^\uFEFFContribuente;Nome;Cognome;Cellulare;Ubicazione;riga;motivo/)
    assert.match(rejected.toString('utf8'), /Via Città 4/)

    await page.getByRole('link', { name: 'Invia le 3 righe valide' }).click()
    await page.getByRole('heading', { name: 'Inviare le notifiche?' }).waitFor()
    await checkAccessibility(page, 'confirmation of a batch')
    await page.getByRole('button', { name: /Sì, invia/ }).dblclick()

    // From here on nobody touches the page: it tells the progress by itself.
    await state.getByText('Concluso').waitFor({ timeout: patience })
    assert.equal(await page.locator('[hx-get]').count(), 0, 'it asks for no more news')
    const outcome = (name) => page.getByRole('row').filter({ hasText: name }).getByRole('cell').first().innerText()
    assert.equal(await outcome('Consegnate su app IO'), '2')
    assert.equal(await outcome('Consegnate con SMS'), '1')
    await checkAccessibility(page, 'ended batch')
    await screenshot(page, 'batch-ended-1366')

    const results = (await download(page, 'CSV con i risultati')).toString('utf8')
    assert.equal(results.trim().split('\n').length, 4, 'a header and one row a citizen')
    assert.match(results, new RegExp(english))
    await close()
  })

  for (const width of [320, 360, 683]) {
    test(`the pages of batches and templates fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width })
      await signIn(page, env)
      for (const path of ['/batches', '/batches/new', '/templates']) {
        await page.goto(path)
        await checkWidth(page, path)
        await checkAccessibility(page, path)
      }
      await page.goto('/batches')
      await page.getByRole('rowheader').getByRole('link').first().click()
      await page.waitForURL(/\/batches\/[0-9a-f-]+$/)
      await checkWidth(page, 'batch')
      await checkAccessibility(page, 'batch')
      await screenshot(page, `batch-${width}`)
      await close()
    })
  }

  test('a file is uploaded and sent without JavaScript', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await signIn(page, env)
    await page.goto('/batches/new')
    const known = Buffer.from(`cf;nome;cognome;indirizzo\n${notOnIO};Lia;Prova;Via Prova 9\n`)
    await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'una.csv', mimeType: 'text/csv', buffer: known })
    await page.getByRole('button', { name: 'Carica e controlla' }).click()
    await page.waitForURL(/\/batches\/[0-9a-f-]+$/)
    await untilShown(page, 'Da confermare')
    await page.getByRole('link', { name: 'Invia la riga valida' }).click()
    await page.getByRole('button', { name: /Sì, invia/ }).click()
    await untilShown(page, 'Concluso')
    await close()
  })
})

/** Without JavaScript the page is asked for again. */
async function untilShown(page, text) {
  const end = Date.now() + patience
  while (!(await page.locator('#state-status').innerText()).includes(text)) {
    assert.ok(Date.now() < end, `the page did not come to "${text}"`)
    await page.waitForTimeout(500)
    await page.reload()
  }
}

/** What a link downloads. */
async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).first().click()])
  return readFileSync(await file.path())
}
