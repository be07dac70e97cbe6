import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
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

/** What the demonstration has not: a batch that waits to be confirmed, and one whose columns nobody knows. */
export async function prepare(page) {
  await upload(page, 'Bozza', 'cf;nome;cognome;indirizzo\nBRBZRZ80E01X000Y;Lia;Prova;Via Prova 9\nBRBZRZ80E01X000X;Ugo;Errato;Via Prova 1\n')
  await page.locator('#state-status').getByText('Da confermare').waitFor({ timeout: patience })
  await upload(page, 'Colonne', 'Contribuente;Nome;Cognome;Ubicazione\nBRBZRZ80E01X000Y;Lia;Prova;Via Prova 9\n')
  await page.locator('#state-status').getByText('Colonne da indicare').waitFor({ timeout: patience })
}

async function upload(page, name, text) {
  await page.goto('/batches/new')
  await page.getByLabel('Servizio').selectOption({ label: 'Avvisi di pagamento' })
  await page.getByLabel("Nome dell'invio").fill(name)
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) })
  await page.getByRole('button', { name: 'Carica e controlla' }).click()
  await page.waitForURL(/\/batches\/[0-9a-f-]+$/)
}

/** Goes to one of the pages as a person would: from an address on along its links. */
export async function open(page, { name, route, open = route, follow = [] }) {
  await page.goto(open)
  for (const link of follow) {
    const address = await page.locator(link).first().getAttribute('href', { timeout: 10_000 })
    assert.ok(address, `${name}: ${link} leads nowhere`)
    await page.goto(address)
  }
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
