import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { visit } from './browser.js'
import { people } from './genio_dev.js'

const patience = 60_000

/** Every page of the backoffice: whose it is, and how to get there. A Go test knows when one is missing. */
export const { pages } = JSON.parse(readFileSync(new URL('pages.json', import.meta.url), 'utf8'))

/** The pages by the person who looks at them, '' for whoever comes along. */
export function byPerson() {
  const groups = new Map()
  for (const page of pages) groups.set(page.as ?? '', [...(groups.get(page.as ?? '') ?? []), page])
  return groups
}

/** What pages.json cannot name, because it is made anew each time, by its name in braces there. */
const secrets = new Map()

/** Makes what the demonstration has not, as its people would. */
export async function prepare(browser, env) {
  const { page, close } = await visit(browser, env)
  await signInAs(page, 'operatore')
  await prepareBatches(page)
  await close()

  const other = await visit(browser, env)
  await signInAs(other.page, 'amministratore')
  await invite(other.page)
  await nameFilter(other.page)
  await readServices(other.page)
  await retryAll(other.page)
  await pauseService(other.page)
  await other.close()
}

/** One that was sent, one that waits to be confirmed, with somebody else in it, and one whose columns nobody knows. */
async function prepareBatches(page) {
  const state = page.locator('#state-status')
  await upload(page, 'Inviato', 'cf;nome;cognome;indirizzo\nBRBZRZ80E01X000Y;Lia;Prova;Via Prova 9\n')
  await state.getByText('Da confermare').waitFor({ timeout: patience })
  await page.getByRole('link', { name: 'Invia la riga valida' }).click()
  await page.getByRole('button', { name: /Sì, invia/ }).click()
  await upload(page, 'Bozza', 'cf;nome;cognome;indirizzo\nLFBCFN81H42X001D;Lia;Prova;Via Prova 9\nBRBZRZ80E01X000X;Ugo;Errato;Via Prova 1\n')
  await state.getByText('Da confermare').waitFor({ timeout: patience })
  await upload(page, 'Colonne', 'Contribuente;Nome;Cognome;Ubicazione\nBRBZRZ80E01X000Y;Lia;Prova;Via Prova 9\n')
  await state.getByText('Colonne da indicare').waitFor({ timeout: patience })
}

/** Somebody who has not come in yet; nobody sees the invitation's link again. */
async function invite(page) {
  await page.goto('/people/new')
  await page.getByLabel('Indirizzo e-mail').fill('ines@borgo.example')
  await page.getByLabel('Nome e cognome').fill('Ines Invitata')
  await page.getByRole('button', { name: "Crea l'invito" }).click()
  secrets.set('invitation', await page.getByLabel('Collegamento', { exact: true }).inputValue())
}

async function nameFilter(page) {
  await page.goto('/notifications?status=failed&period=7d')
  await page.getByRole('link', { name: 'Salva questo filtro' }).click()
  await page.getByLabel('Nome').fill('Non riuscite della settimana')
  await page.getByRole('button', { name: 'Salva il filtro' }).click()
  await page.getByText('Il filtro è stato salvato.').waitFor()
}

/** A reading of the services on IO, with a manage key that is kept and that IO does not know. */
async function readServices(page) {
  await page.goto('/service-imports')
  await page.getByLabel('Chiave di gestione (manage key)').fill('non-e-una-chiave')
  await page.getByLabel('Conserva la chiave').check({ force: true })
  await page.getByRole('button', { name: 'Leggi i servizi da IO' }).click()
  await page.locator('#state-status').getByText('Non riuscita').waitFor({ timeout: patience })
}

async function retryAll(page) {
  await page.goto('/interventions/new?status=failed&act=retry')
  await page.getByLabel('Motivo', { exact: true }).fill('Chiave di app IO rinnovata')
  await page.getByRole('button', { name: /^Conferma per / }).click()
  await page.locator('#state-status').getByText('Concluso').waitFor({ timeout: patience })
}

async function pauseService(page) {
  await page.goto('/pauses/new')
  await page.locator('label[for="thing-service"]').click()
  await page.locator('#service').selectOption({ label: 'Convocazioni' })
  await page.getByLabel('Motivo', { exact: true }).fill('Testi da correggere')
  await page.getByRole('button', { name: 'Metti in pausa' }).click()
  await page.waitForURL('**/pauses')
}

async function upload(page, name, text) {
  await page.goto('/batches/new')
  await page.getByLabel('Servizio').selectOption({ label: 'Avvisi di pagamento' })
  await page.getByLabel("Nome dell'invio").fill(name)
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) })
  await page.getByRole('button', { name: 'Carica e controlla' }).click()
  await page.waitForURL(/\/batches\/[0-9a-f-]+$/)
}

/**
 * Goes to one of the pages as a person would: from an address on along its links, to what a form leads to that is filled
 * in and sent.
 */
export async function open(page, { name, route, open = route, follow = [], fill = {}, press }) {
  await page.goto(open.replace(/^{(\w+)}$/, (_, secret) => secrets.get(secret)))
  for (const link of follow) {
    const address = await page.locator(link).first().getAttribute('href', { timeout: 10_000 })
    assert.ok(address, `${name}: ${link} leads nowhere`)
    await page.goto(address)
  }
  for (const [field, value] of Object.entries(fill)) {
    const input = page.locator(field)
    if (await input.evaluate((element) => element.tagName === 'SELECT')) await input.selectOption({ label: value })
    else await input.fill(value)
  }
  if (!press) return
  await page.locator(press).first().click()
  await page.waitForLoadState()
}

/** Signs in as one of the demonstration's people, by the name before the @. */
export async function signInAs(page, name) {
  const { email, password } = people[name]
  await page.goto('/signin')
  await page.getByLabel('Indirizzo e-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Accedi', exact: true }).click()
  await page.waitForURL((address) => address.pathname !== '/signin')
}
