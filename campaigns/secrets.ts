import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { format, inspect } from 'node:util'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import { JournalFile } from '../src/runner/journal-file.js'
import { openLogFile } from '../src/runner/log-file.js'
import { answerLog } from '../src/sources/smart-money/answer-log.js'
import { RequestBudget } from '../src/sources/smart-money/budget.js'
import { SmartMoneyClient } from '../src/sources/smart-money/client.js'
import { Secret } from '../src/sources/smart-money/secret.js'
import { baleen, type Answer } from '../test/cli/run-cli.js'
import type { CampaignOptions } from './options.js'

/** Where the key is taken from. */
const VARIABLE = 'SMARTMONEY_API_KEY'

/** What a server does with the key that it was sent. */
const SERVERS: Readonly<Record<string, (key: string, answer: ServerResponse) => void>> = {
  'tells it in JSON': (key, answer) => send(answer, 200, JSON.stringify({ you: key, headers: { 'x-api-key': key } })),
  'refuses it by name': (key, answer) => send(answer, 401, JSON.stringify({ error: `invalid key ${key}` })),
  'forbids it in HTML': (key, answer) => send(answer, 403, `<html><p>${key}</p></html>`),
  'limits it': (key, answer) => send(answer, 429, JSON.stringify({ error: key }), { 'retry-after': '1', 'x-limit-of': encodeURIComponent(key) }),
  'breaks down over it': (key, answer) => send(answer, 500, `stack: ${key} at ${Buffer.from(key).toString('base64')}`),
  'garbles it': (key, answer) => send(answer, 200, Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from(key), Buffer.from([0xc3])])),
  'tells it in a header': (key, answer) => send(answer, 200, '{}', { 'x-echo': encodeURIComponent(key), 'x-raw': key }),
  'sends it elsewhere': (key, answer) => send(answer, 302, '', { location: `http://127.0.0.1:9/?key=${encodeURIComponent(key)}` }),
  'hangs up over it': (key, answer) => {
    answer.write(JSON.stringify(key))
    answer.destroy()
  },
  'keeps it waiting': () => undefined,
} // prettier-ignore

function send(
  answer: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  // prettier-ignore
  answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

/** Command lines that fail, or succeed, with a key in the environment. `URL` stands for an address that hangs up. */
const COMMANDS: readonly (readonly string[])[] = [
  ['--verbose', 'doctor'],
  ['--verbose', 'backtest', 'no-such-strategy'],
  ['--verbose', '--json', 'paper', 'start', 'sma-cross', '-i', 'x:Y', '--unpromoted', '--feed', 'stored'],
  ['--verbose', 'paper', 'start', 'sma-cross', '-i', 'binance:BTCUSDT', '--unpromoted', '--feed', 'live', '--exchange-url', 'URL', '--stream-url', 'URL', '--smart-money-url', 'URL'],
  ['--verbose', 'data', 'download', 'whales', '--smart-money-url', 'URL'],
  ['--verbose', 'data', 'record', '--smart-money-url', 'URL', '--for', '2s'],
] // prettier-ignore

/**
 * Sends keys nobody has seen before through every way to fail that is known (servers that send them back, folders that cannot be written, programs that end in errors), and looks for each in all that
 * was said and written: answers, errors with their stacks, logs, journals, files. `size` keys.
 */
export async function secrets(
  { size, seed }: CampaignOptions,
  run: typeof baleen | null = baleen,
): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-secrets-'))
  let behave: (key: string, answer: ServerResponse) => void = () => undefined
  const server = createServer((request: IncomingMessage, answer) => behave(String(request.headers['x-api-key'] ?? ''), answer)) // prettier-ignore
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hits: string[] = []
  let looked = 0
  try {
    const random = seededRandom(seed, 0x6b6579)
    for (let number = 0; number < size; number++) {
      const key = drawKey(random)
      const folder = join(root, String(number))
      mkdirSync(folder)
      const said: [string, string][] = []
      for (const [name, server_] of Object.entries(SERVERS)) {
        behave = server_
        said.push(...(await askOnce(url, new Secret(key), join(folder, name.replaceAll(' ', '-')), name)))
      }
      said.push(
        ...(await askOnce('http://127.0.0.1:9', new Secret(key), join(folder, 'nobody'), 'nobody there')),
      )
      said.push(...(await unwritable(url, new Secret(key), join(folder, 'unwritable'))))
      await writeDown(new Secret(key), folder)
      // To start a program takes seconds: each key goes through one.
      if (run !== null) {
        behave = (_key, answer) => void answer.destroy()
        const words = COMMANDS[number % COMMANDS.length]!.map((word) => (word === 'URL' ? url : word))
        const { stdout, stderr }: Answer = await run(folder, words, { [VARIABLE]: key })
        said.push([words.join(' '), stdout], [words.join(' '), stderr])
      }
      said.push(...filesBelow(folder))
      looked += said.length
      for (const [where, text] of said)
        for (const form of formsOf(key))
          if (text.includes(form)) hits.push(`key ${number}: ${where} holds it`)
    }
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(root, { recursive: true, force: true })
  }
  for (const hit of hits.slice(0, 20)) console.log(hit)
  console.log(`${size} keys, ${looked} texts looked through, ${hits.length} hits`)
  const failed = new Set(hits.map((hit) => hit.split(':')[0])).size
  console.log(`secrets: ${size - failed} passed, ${failed} failed`)
  return failed
}

function drawKey(random: ReturnType<typeof seededRandom>): string {
  const letters = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join('')
  const plain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_'
  const from = drawBelow(random, 3) === 0 ? letters : plain
  return `sm_${Array.from({ length: 32 }, () => from[drawBelow(random, from.length)]).join('')}`
}

/** Ways to write the key in which it can be read back. */
function formsOf(key: string): string[] {
  const bytes = Buffer.from(key)
  return [key, JSON.stringify(key).slice(1, -1), JSON.stringify(JSON.stringify(key).slice(1, -1)).slice(1, -1), encodeURIComponent(key), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')] // prettier-ignore
}

async function askOnce(url: string, key: Secret, folder: string, name: string): Promise<[string, string][]> {
  const budget = await RequestBudget.open(join(folder, 'budget.json'), { perMinute: 100, perDay: 100 })
  const client = new SmartMoneyClient({ baseUrl: url, key, budget, now: () => Date.now(), log: answerLog(join(folder, 'answers')), timeoutMs: 150 }) // prettier-ignore
  const outcome = await client.ask('/v1/confirm', { symbol: 'BTC' })
  return [outcome, client].flatMap((value) => shown(value).map((text): [string, string] => [name, text]))
}

async function unwritable(url: string, key: Secret, folder: string): Promise<[string, string][]> {
  mkdirSync(folder)
  writeFileSync(join(folder, 'answers'), 'a file in the way')
  const errors: unknown[] = []
  await askOnce(url, key, folder, '').catch((error: unknown) => errors.push(error))
  await RequestBudget.open(join(folder, 'answers/budget.json'), { perMinute: 1, perDay: 1 }).catch((error: unknown) => errors.push(error)) // prettier-ignore
  try {
    errors.push(new Secret(`two words ${key.reveal()}`))
  } catch (error) {
    errors.push(error)
  }
  if (errors.length < 2) throw new Error('nothing was refused')
  return errors.flatMap((error) => shown(error).map((text): [string, string] => ['unwritable', text]))
}

/** A key that somebody hands to a journal, or to a log, by mistake. */
async function writeDown(key: Secret, folder: string): Promise<void> {
  const journal = await JournalFile.open(join(folder, 'journal.sqlite'))
  journal.append('fact', { key, nested: [{ key }] })
  journal.commit()
  journal.close()
  const log = openLogFile(join(folder, 'log.jsonl'), () => Date.now())
  log.log({ event: 'error', key, message: `${String(key)} ${inspect(key)}` })
  log.close()
}

/** All the ways in which a value is shown, an error's stack and causes included. */
function shown(value: unknown): string[] {
  const stack = value instanceof Error ? [value.stack ?? '', String(value.cause ?? '')] : []
  return [inspect(value, { depth: 12, showHidden: true, maxStringLength: null }), format('%o %O %s %j', value, value, value, value), JSON.stringify(value) ?? '', String(value), ...stack] // prettier-ignore
}

function filesBelow(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(folder, path), readFileSync(path, 'latin1')]
    })
}
