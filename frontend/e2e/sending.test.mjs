import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startGenio } from './genio_dev.js'
import { checkAccessibility, checkWidth, environment, launch, screenshot, signIn, visit } from './browser.js'

const patience = 60_000
const env = environment()

// Invented citizens of the simulator: one on app IO, one who gets an SMS, and a wrong check character.
const onIO = 'BRBZRZ80E01X000Y'
const notOnIO = 'LFBCFN81H42X001D'
const wrongCheckCharacter = 'CMZGFP83M44X000Z'

const text =
  "Gentile cittadina, la sua carta d'identità scade tra trenta giorni. **Prenoti** un appuntamento in municipio per il rinnovo."

/** Writes what most tests send. */
async function write(page, subject) {
  await page.goto('/notifications/new')
  await page.getByLabel('Servizio').selectOption({ label: 'Avvisi di pagamento' })
  await page.getByLabel('Codice fiscale', { exact: true }).fill(onIO)
  await page.getByLabel('Cellulare (facoltativo)').fill('333 1234501')
  await page.locator('[name="italian.subject"]').fill(subject)
  await page.locator('[name="italian.markdown"]').fill(text)
}

describe('sending by hand', { skip: env.missing }, () => {
  let browser
  let genio
  let people
  before(async () => {
    if (!env.url) {
      genio = await startGenio(env.binary, 'demo-retry')
      Object.assign(env, { url: genio.url, user: genio.user, password: genio.password })
    }
    people = {
      operator: { ...env, user: 'operatore@borgo.example', password: 'operatore-demo' },
      administrator: { ...env, user: 'amministratore@borgo.example', password: 'amministratore-demo' },
      auditor: { ...env, user: 'revisore@borgo.example', password: 'revisore-demo' },
    }
    browser = await launch(env)
  })
  after(async () => {
    await browser?.close()
    await genio?.stop()
  })

  test('write, be told what is wrong, see it, check it, send it once with a payment, and see it delivered', async () => {
    const { page, close } = await visit(browser, env, { expected: [422] })
    await signIn(page, people.operator)
    await page.goto('/notifications')
    await page.getByRole('link', { name: 'Nuova notifica' }).click()
    await checkAccessibility(page, 'new notification')
    await page.getByLabel('Servizio').selectOption({ label: 'Avvisi di pagamento' })
    await page.getByLabel('Codice fiscale', { exact: true }).fill(wrongCheckCharacter)
    await page.locator('[name="italian.subject"]').fill('Corto')
    await page.locator('[name="italian.markdown"]').fill(text)
    await page.getByText('Scadenza e pagamento').click()
    await page.getByLabel('Numero avviso pagoPA').fill('42')
    await page.getByLabel('Importo in euro').fill('1.234')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()

    const problems = page.locator('#problem')
    await problems.waitFor()
    for (const words of ['ultimo carattere', 'almeno 10 caratteri', '18 cifre']) assert.match(await problems.innerText(), new RegExp(words))
    assert.equal(await page.getByLabel('Importo in euro').inputValue(), '1.234', 'nothing that was typed is lost')
    await checkAccessibility(page, 'form with problems')
    await screenshot(page, 'compose-problems-1366')

    await page.getByLabel('Codice fiscale', { exact: true }).fill(onIO)
    await page.locator('[name="italian.subject"]').fill('Avviso di pagamento di prova 😀')
    await page.getByLabel('Numero avviso pagoPA').fill('302000100000009421')
    await page.getByLabel('Importo in euro').fill('123,45')
    await page.locator('[name="italian.sms_text"]').fill('Comune: c’è un avviso')

    // The preview follows what is typed, counts as IO and SMS do, and leaves the focus where it is.
    const preview = page.locator('#preview')
    await preview.getByText('Prenoti', { exact: true }).waitFor()
    await preview.getByText('31 caratteri su 120').waitFor()
    await preview.getByText('al suo posto si può scrivere').waitFor()
    assert.equal(await page.evaluate(() => document.activeElement.name), 'italian.sms_text')
    await page.keyboard.type('!')
    assert.match(await page.locator('[name="italian.sms_text"]').inputValue(), /!$/)
    await preview.getByText('Comune: c’è un avviso!').waitFor()

    await page.getByRole('button', { name: 'È raggiungibile su app IO?' }).click()
    await page.getByText('Sì: il cittadino è raggiungibile').waitFor({ timeout: patience })
    await checkAccessibility(page, 'filled form')
    await screenshot(page, 'compose-1366')

    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.getByRole('heading', { name: 'Controlla e invia' }).waitFor()
    await page.getByText('123,45 €').waitFor()
    await checkAccessibility(page, 'check')
    await screenshot(page, 'compose-check-1366')
    await page.getByRole('button', { name: 'Invia la notifica' }).dblclick()
    await page.waitForURL(/\/notifications\/[0-9a-f-]{36}$/)
    await page.getByText('La notifica è stata accettata').waitFor()
    await page.locator('#live').getByText('Consegnata').first().waitFor({ timeout: patience })
    await checkAccessibility(page, 'sent notification')
    await close()
  })

  test('a double click sends once, and the same again is warned of', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.operator)
    await write(page, 'Una volta sola, per favore')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.locator('#compose-check').waitFor()
    await page.getByRole('button', { name: 'Invia la notifica' }).dblclick()
    await page.waitForURL(/\/notifications\/[0-9a-f-]{36}$/)
    const sent = new URL(page.url()).pathname
    await page.goto('/notifications')
    const newest = page.getByRole('row').nth(1).getByRole('link').first()
    assert.equal(await newest.getAttribute('href'), sent)
    assert.notEqual(
      await page.getByRole('row').nth(1).getByRole('rowheader').innerText(),
      await page.getByRole('row').nth(2).getByRole('rowheader').innerText(),
      'one was sent, not two',
    )
    await newest.click()

    await page.getByRole('link', { name: 'Invia di nuovo o rettifica' }).click()
    assert.ok(!(await page.content()).includes(onIO), 'whom it goes to is not in the page')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.locator('#repeats').waitFor()
    assert.ok(!(await page.content()).includes(onIO))
    await checkAccessibility(page, 'repetition')
    await close()
  })

  test('try it on oneself, with one click the second time', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.operator)
    await write(page, 'Prova di una notifica')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.getByLabel('Il mio codice fiscale').fill(notOnIO)
    await page.getByLabel('Il mio cellulare').fill('333 1234503')
    await page.keyboard.press('Enter')
    await page.locator('#test-sent').waitFor()
    assert.ok(!(await page.content()).includes(notOnIO), 'the own code is kept, and not shown')
    await checkAccessibility(page, 'test sent')
    await page.getByRole('button', { name: 'Invia di prova a me' }).click()
    await page.locator('#test-sent').getByRole('link').click()
    await page.getByText(/prova-[0-9a-f]{10}/).first().waitFor()
    await write(page, 'Prova di una notifica')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.getByRole('button', { name: 'Dimentica i miei dati' }).click()
    await page.getByLabel('Il mio codice fiscale').waitFor()
    await close()
  })

  test('a template is filled in by hand; choosing it leaves the focus', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.operator)
    await page.goto('/notifications/new')
    const choice = page.getByLabel('Testo', { exact: true })
    const template = await choice.locator('option').nth(1).getAttribute('value')
    await choice.focus()
    await choice.selectOption(template)
    await page.locator('[name^="value."]').first().waitFor()
    assert.equal(await page.evaluate(() => document.activeElement.id), 'template')
    await checkAccessibility(page, 'values of a template')
    await screenshot(page, 'compose-template-1366')
    await choice.selectOption('')
    await page.locator('[name="italian.subject"]').waitFor({ state: 'visible' })
    await close()
  })

  test('write and send without JavaScript', async () => {
    const { page, close } = await visit(browser, env, { javaScriptEnabled: false })
    await signIn(page, people.operator)
    await write(page, 'Scritta senza JavaScript')
    await page.getByRole('button', { name: "Mostra l'anteprima" }).click()
    await page.locator('#preview').getByText('Prenoti', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.getByRole('button', { name: 'Torna a modificare' }).click()
    assert.equal(await page.locator('[name="italian.subject"]').inputValue(), 'Scritta senza JavaScript')
    await page.getByRole('button', { name: 'Controlla e invia' }).click()
    await page.getByRole('button', { name: 'Invia la notifica' }).click()
    await page.getByText('La notifica è stata accettata').waitFor()
    await close()
  })

  test('the keyboard alone is enough, and the focus is seen', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.operator)
    await page.goto('/notifications/new')
    const visited = []
    await page.getByLabel('Servizio').focus()
    const now = () => page.evaluate(() => document.activeElement.name || document.activeElement.textContent.trim().slice(0, 40))
    for (let presses = 0; presses < 40; presses++) {
      const name = await now()
      visited.push(name)
      if (name === 'fiscal_code') await page.keyboard.type(onIO)
      if (name === 'italian.subject') await page.keyboard.type('Scritta con la tastiera')
      if (name === 'italian.markdown') await page.keyboard.type(text)
      const seen = await page.evaluate(() => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement)
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      })
      assert.ok(seen, `the focus on ${name} is not seen`)
      if (name === 'Controlla e invia') break
      await page.keyboard.press('Tab')
    }
    for (const name of ['fiscal_code', 'phone', 'template', 'italian.subject', 'italian.markdown', 'Controlla e invia'])
      assert.ok(visited.includes(name), `${name} is not reached: ${visited}`)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Controlla e invia' }).waitFor()
    await page.getByRole('button', { name: 'Invia la notifica' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('La notifica è stata accettata').waitFor()
    await close()
  })

  test('what is replaced under the focus gives it on', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.operator)
    await page.goto('/notifications/new')
    const subject = page.locator('[name="italian.subject"]')
    await subject.fill('Oggetto di prova')
    await page.evaluate(() => {
      const field = document.querySelector('[name="italian.subject"]')
      field.setSelectionRange(3, 3)
      // As a swap does that knows nothing of the focus.
      document.dispatchEvent(new CustomEvent('htmx:before:swap'))
      field.replaceWith(field.cloneNode())
      document.dispatchEvent(new CustomEvent('htmx:after:swap'))
    })
    assert.deepEqual(await page.evaluate(() => [document.activeElement.name, document.activeElement.selectionStart]), ['italian.subject', 3])
    await close()
  })

  test('the audit log tells of it, is filtered and exported', async () => {
    const { page, close } = await visit(browser, env)
    await signIn(page, people.auditor)
    await page.getByRole('navigation').getByRole('link', { name: 'Registro' }).click()
    await page.getByText('ha inviato la notifica').first().waitFor()
    await page.getByText('ha inviato a sé la prova').first().waitFor()
    await checkAccessibility(page, 'audit log')
    await screenshot(page, 'audit-1366')
    await page.getByText('Cerca e filtra').click()
    await page.getByLabel('Che cosa riguarda').selectOption({ label: 'Dati per le prove' })
    await page.getByRole('button', { name: 'Cerca', exact: true }).click()
    await page.getByText('ha tolto i propri dati per le prove').first().waitFor()
    assert.equal(await page.getByText('ha inviato la notifica').count(), 0)
    await checkAccessibility(page, 'filtered audit log')
    const [downloaded] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Scarica il registro in CSV' }).click(),
    ])
    const table = readFileSync(await downloaded.path(), 'utf8')
    assert.match(table, /^\uFEFFquando;chi;/)
    assert.match(table, /;test_recipient\.forget;/)
    assert.ok(!table.includes(notOnIO))
    await page.goto('/audit')
    await page.getByText('ha esportato il registro').first().waitFor()
    await close()
  })

  for (const width of [320, 360, 390]) {
    test(`the pages fit on ${width} px`, async () => {
      const { page, close } = await visit(browser, env, { width, height: 800 })
      await signIn(page, people.administrator)
      await page.goto('/audit')
      await checkWidth(page, 'audit log')
      await screenshot(page, `audit-${width}`)
      await page.goto('/accessibilita')
      await checkWidth(page, 'accessibility')
      await write(page, 'Su uno schermo piccolo')
      await page.locator('#preview').getByText('Prenoti', { exact: true }).waitFor()
      await checkWidth(page, 'form')
      await screenshot(page, `compose-${width}`)
      await page.getByRole('button', { name: 'Controlla e invia' }).click()
      await page.getByRole('heading', { name: 'Controlla e invia' }).waitFor()
      await checkWidth(page, 'check')
      await checkAccessibility(page, `check at ${width} px`)
      await screenshot(page, `compose-check-${width}`)
      await close()
    })
  }

  test('on paper there is nothing to press, and tables are tables', async () => {
    const { page, close } = await visit(browser, env, { width: 700 })
    await signIn(page, env)
    await page.emulateMedia({ media: 'print' })
    for (const hidden of ['.genio-header nav', '.genio-shortcuts', '.genio-search', '.genio-quick'])
      assert.equal(await page.locator(hidden).first().isVisible(), false, hidden)
    const display = (selector) => page.locator(selector).first().evaluate((element) => getComputedStyle(element).display)
    assert.equal(await display('.genio-table table'), 'table')
    assert.equal(await display('.genio-table tbody td'), 'table-cell')
    assert.equal(await page.locator('.genio-table thead th').first().isVisible(), true)
    assert.equal(
      await page
        .locator('.genio-table a')
        .first()
        .evaluate((link) => getComputedStyle(link, '::after').content),
      'none',
    )
    await screenshot(page, 'print')
    await close()
  })

  test('whoever wants no motion gets none', async () => {
    const { page, close } = await visit(browser, env)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto('/signin')
    const duration = await page.locator('.btn').first().evaluate((button) => getComputedStyle(button).transitionDuration)
    for (const each of duration.split(',')) assert.ok(Number.parseFloat(each) < 0.001, duration)
    await close()
  })
})
