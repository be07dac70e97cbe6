import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, visit } from './browser.js'

const failedReference = 'demo-retry'
const period = 30
const administrator = { user: 'amministratore@borgo.example', password: 'amministratore-demo' }
const newPassword = 'una frase lunga e inventata'
const env = environment()

/** The code of a key in base 32 at a time in seconds (RFC 6238). */
function codeOf(key, seconds) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...key.replaceAll(' ', '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / period)))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

const now = () => Date.now() / 1000

async function enter(page, { user, password }) {
  await page.goto('/signin')
  await page.getByLabel('Indirizzo e-mail').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Accedi', exact: true }).click()
}

/** Checks a page and takes a picture of it. */
async function look(page, name) {
  await checkAccessibility(page, name)
  await checkWidth(page, name)
  await screenshot(page, `access-${name}-${page.viewportSize().width}`)
}

describe('access', { skip: env.missing || (env.binary ? false : 'it needs the accounts of an all-in-one') }, () => {
  let browser
  let genio
  before(async () => {
    genio = await startGenio(env.binary, failedReference)
    Object.assign(env, { url: genio.url })
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  for (const { width, javaScriptEnabled } of [
    { width: 1366, javaScriptEnabled: true },
    { width: 360, javaScriptEnabled: false },
  ]) {
    test(`from an invitation to a session that is ended, on ${width} px`, async () => {
      const email = `ines-${width}@borgo.example`
      const admin = await visit(browser, env, { width })
      await enter(admin.page, administrator)
      await admin.page.waitForURL('**/dashboard')
      await admin.page.goto('/people')
      await look(admin.page, 'people')
      await admin.page.getByRole('link', { name: 'Invita una persona' }).click()
      await look(admin.page, 'invite')
      await admin.page.getByLabel('Indirizzo e-mail').fill(email)
      await admin.page.getByLabel('Nome e cognome').fill('Ines Invitata')
      await admin.page.getByRole('button', { name: "Crea l'invito" }).click()
      const link = await admin.page.getByLabel('Collegamento', { exact: true }).inputValue()
      await look(admin.page, 'link')
      await admin.page.getByRole('link', { name: 'Vai alla persona' }).click()
      await admin.page.getByText('Invitata', { exact: true }).waitFor()
      await look(admin.page, 'person')

      const ines = await visit(browser, env, { width })
      await ines.page.goto(link)
      await look(ines.page, 'invitation')
      await ines.page.getByLabel('Nuova password').fill(newPassword)
      await ines.page.getByLabel('Ripetere la password').fill(newPassword)
      await ines.page.getByRole('button', { name: "Accetta l'invito" }).click()
      await ines.page.waitForURL('**/dashboard')

      await ines.page.goto('/account')
      await look(ines.page, 'account')
      await ines.page.locator('#second-old').fill(newPassword)
      await ines.page.getByRole('button', { name: 'Attiva il secondo fattore' }).click()
      const key = await ines.page.locator('#key').textContent()
      await look(ines.page, 'second-factor')
      await ines.page.getByLabel('Codice', { exact: true }).fill(codeOf(key, now()))
      await ines.page.getByRole('button', { name: 'Attiva il secondo fattore' }).click()
      await ines.page.getByRole('heading', { name: 'Codici di recupero' }).waitFor()
      assert.equal(await ines.page.locator('.genio-codes li').count(), 10)
      await look(ines.page, 'recovery-codes')
      await ines.page.getByRole('button', { name: 'Esci' }).click()
      await ines.page.waitForURL('**/signin')

      await enter(ines.page, { user: email, password: newPassword })
      await ines.page.waitForURL('**/signin/code')
      await look(ines.page, 'code')
      await ines.page.getByLabel('Codice', { exact: true }).fill(codeOf(key, now() + period))
      await ines.page.getByRole('button', { name: 'Continua' }).click()
      await ines.page.waitForURL('**/dashboard')

      await admin.page.reload()
      await admin.page.getByRole('link', { name: 'Chiudi le sessioni' }).click()
      await look(admin.page, 'end-sessions')
      await admin.page.getByRole('button', { name: 'Sì, chiudi le sessioni' }).click()
      await admin.page.getByText('Le sessioni sono state chiuse.').waitFor()
      await ines.page.goto('/notifications')
      await ines.page.waitForURL('**/signin?next=*')

      await admin.close()
      await ines.close()
    })
  }

  test('the regional identity signs in, and its two roles can be chosen', async () => {
    const context = await browser.newContext({ baseURL: env.url, locale: 'it-IT', viewport: { width: 1366, height: 900 } })
    const page = await context.newPage()
    await page.goto('/signin')
    await page.getByRole('link', { name: "Accedi con l'identità regionale (simulata)" }).click()
    await page.getByRole('heading', { name: 'Identità regionale (simulata)' }).waitFor()
    await checkAccessibility(page, 'provider')
    await page.getByRole('link', { name: 'Ugo Ignoto' }).click()
    await page.getByRole('heading', { name: 'Nessun ruolo in GeNIO' }).waitFor()
    await look(page, 'no-role')

    await page.goto('/signin')
    await page.getByRole('link', { name: "Accedi con l'identità regionale (simulata)" }).click()
    await page.getByRole('link', { name: 'Carla Condivisa' }).click()
    await page.waitForURL('**/dashboard')
    await look(page, 'two-roles')
    await page.getByLabel('Operi come').selectOption({ label: 'Assistenza per tutti gli Enti' })
    await page.getByRole('button', { name: 'Cambia' }).click()
    await page.getByText('Il ruolo è cambiato.').waitFor()
    await page.setViewportSize({ width: 360, height: 800 })
    await look(page, 'two-roles')

    // The provider sends the browser back after its own sign-out, whatever the content policy says of forms.
    await page.getByRole('button', { name: 'Esci' }).click()
    await page.waitForURL('**/signin?left=1')
    await page.getByText('Le sessioni sono state chiuse.').waitFor()
    await look(page, 'left')
    await context.close()
  })

  test('a form that comes after the session has ended is given back', async () => {
    const { page, close } = await visit(browser, env)
    await enter(page, administrator)
    await page.waitForURL('**/dashboard')
    await page.goto('/templates/new')
    await page.getByLabel('Nome del modello').fill('Un modello scritto con cura')

    // Another browser of the same person ends this session.
    const other = await visit(browser, env)
    await enter(other.page, administrator)
    await other.page.waitForURL('**/dashboard')
    await other.page.goto('/account/sessions/others/end')
    await other.page.getByRole('button', { name: 'Sì, chiudi le altre sessioni' }).click()
    await other.page.getByText('Le altre sessioni sono state chiuse.').waitFor()
    await other.close()

    await page.evaluate(() => document.querySelector('#template-form').setAttribute('novalidate', ''))
    await page.evaluate(() => document.querySelector('#template-form').submit())
    await page.waitForURL('**/signin?next=*')
    await look(page, 'session-ended')
    await page.getByLabel('Indirizzo e-mail').fill(administrator.user)
    await page.getByLabel('Password').fill(administrator.password)
    await page.getByRole('button', { name: 'Accedi', exact: true }).click()
    await page.waitForURL('**/resume')
    await page.getByRole('definition').getByText('Un modello scritto con cura').waitFor()
    await look(page, 'kept-form')
    await page.getByRole('button', { name: 'Elimina' }).click()
    await page.waitForURL('**/dashboard')
    await close()
  })
})
