import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screenshots = fileURLToPath(new URL('../../screenshots/', import.meta.url))

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']

const chromiumArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What the tests run against; `missing` says why they cannot. */
export function environment() {
  const found = {
    binary: process.env.GENIO_DEV,
    url: process.env.GENIO_URL?.replace(/\/$/, ''),
    user: process.env.GENIO_USER,
    password: process.env.GENIO_PASSWORD,
    chromium: process.env.GENIO_CHROMIUM || '/usr/bin/chromium',
  }
  if (!existsSync(found.chromium)) found.missing = `no Chromium at ${found.chromium} (GENIO_CHROMIUM names another)`
  else if (!found.binary && (!found.url || !found.user || !found.password))
    found.missing = 'GENIO_DEV names no all-in-one to start, and GENIO_URL, GENIO_USER and GENIO_PASSWORD no running one'
  if (found.missing && process.env.GENIO_TEST_REQUIRE === 'all') throw new Error(found.missing)
  return found
}

export function launch(env) {
  return chromium.launch({ executablePath: env.chromium, args: chromiumArguments })
}

/**
 * Opens a browser of its own for one test. Closing it checks that no page asked another host for anything, nor
 * complained: an answer that the test expects to be an error is named in `expected`, by its status.
 */
export async function visit(browser, env, { width = 1366, height = 900, javaScriptEnabled = true, expected = [] } = {}) {
  const context = await browser.newContext({ baseURL: env.url, locale: 'it-IT', viewport: { width, height }, javaScriptEnabled })
  const page = await context.newPage()
  const foreign = []
  const complaints = []
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== 'data:' && origin !== new URL(env.url).origin) foreign.push(request.url())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (!expected.some((status) => message.text().includes(`status of ${status}`))) complaints.push(message.text())
  })
  const close = async () => {
    await context.close()
    assert.deepEqual(foreign, [], 'requests to other hosts')
    assert.deepEqual(complaints, [], 'complaints of the browser')
  }
  return { page, close }
}

export async function signIn(page, env) {
  await page.goto('/signin')
  await page.getByLabel('Indirizzo e-mail').fill(env.user)
  await page.getByLabel('Password').fill(env.password)
  await page.getByRole('button', { name: 'Accedi', exact: true }).click()
  await page.waitForURL('**/dashboard')
}

/** Fails with every violation that axe finds on the page as it is. */
export async function checkAccessibility(page, name) {
  await page.evaluate(axe)
  const violations = await page.evaluate(async (tags) => {
    const { violations } = await globalThis.axe.run(document, { runOnly: tags })
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`)
  }, rules)
  assert.deepEqual(violations, [], name)
}

/** Fails where the page is wider than the screen. */
export async function checkWidth(page, name) {
  const { wanted, given } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    given: document.documentElement.clientWidth,
  }))
  assert.ok(wanted <= given, `${name} is ${wanted} px wide on a screen of ${given} px`)
}

export async function screenshot(page, name) {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true })
}
