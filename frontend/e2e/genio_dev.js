import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const startPatience = 60_000
const pollPause = 250
const freePorts = ['--port', '0', '--temporal-port', '0', '--temporal-ui-port', '0', '--simulator-port', '0', '--admin-port', '0']

/** The demonstration's people, by the name before the @. Their passwords are well known. */
export const people = Object.fromEntries(
  ['operatore@borgo.example', 'amministratore@borgo.example', 'revisore@borgo.example', 'assistenza@genio.example', 'sistema@genio.example'].map(
    (email) => [email.split('@')[0], { email, password: `${email.split('@')[0]}-demo` }],
  ),
)

/**
 * Starts the all-in-one with data of its own, and waits until its demonstration has failed what the tests retry.
 * `stop` ends it and forgets the data.
 */
export async function startGenio(binary, failedReference) {
  const data = mkdtempSync(join(tmpdir(), 'genio-e2e-'))
  const child = spawn(binary, [...freePorts, '--data', data, '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }

  try {
    const { url, simulator, key, manageKey, user, password } = await readWelcome(child)
    await untilFailed(`${url}/api/v1/notifications?external_reference=${failedReference}`, key)
    return { url, simulator, key, manageKey, user, password, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What a newcomer reads: the addresses, the first account and the key. */
function readWelcome(child) {
  return new Promise((resolve, reject) => {
    let told = ''
    const give = setTimeout(() => reject(new Error(`genio-dev did not start in time:\n${told}`)), startPatience)
    const listen = (chunk) => {
      told += chunk
      const url = /Backoffice\s+(\S+)/.exec(told)?.[1]
      const simulator = /Simulators' ledger\s+(\S+)\/ledger/.exec(told)?.[1]
      const login = /(\S+@\S+)\s+password (\S+)/.exec(told)
      const key = /(genio_\S+)/.exec(told)?.[1]
      const manageKey = /Manage key.*\n\s+(\S+)\n/.exec(told)?.[1]
      if (!url || !simulator || !login || !key || !manageKey) return
      clearTimeout(give)
      resolve({ url, simulator, key, manageKey, user: login[1], password: login[2] })
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => reject(new Error(`genio-dev ended with ${code}:\n${told}`)))
  })
}

async function untilFailed(address, key) {
  const end = Date.now() + startPatience
  while (Date.now() < end) {
    const answer = await fetch(address, { headers: { Authorization: `Bearer ${key}` } })
    const { items } = await answer.json()
    if (items?.[0]?.status === 'failed') return
    await new Promise((resolve) => setTimeout(resolve, pollPause))
  }
  throw new Error('the demonstration did not fail what it should')
}
