import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addPaperStatusCommand } from '../../src/cli/paper-status-command.js'
import { addPaperWatchCommands } from '../../src/cli/paper-watch-command.js'
import { CheckError, ConfigError } from '../../src/core/errors.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { alertContext } from '../../src/monitor/alert-context.js'
import type { Alert } from '../../src/monitor/alerts/alert.js'
import { Alerter, type Delivery } from '../../src/monitor/alerts/alerter.js'
import { redactor } from '../../src/monitor/alerts/message.js'
import { Outbox, OUTBOX_LIMITS } from '../../src/monitor/alerts/outbox.js'
import { known, unknown } from '../../src/metrics/statistic.js'
import { demotionRules, noDemotionFigures } from '../../src/runner/promotion/demotion.js'
import { ALERT_RULES, alertsOf, type AlertContext } from '../../src/monitor/alerts/rules.js'
import { readAlertSettings, type AlertSettings } from '../../src/monitor/alerts/settings.js'
import { viewSession, type SessionView } from '../../src/monitor/session-view.js'
import { statusOf } from '../../src/monitor/status-tables.js'
import { isAlive } from '../../src/runner/machine.js'
import { LIVE, NOW, ports, testSession, writeHealth, type TestSession } from './stored-session.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-alerts-'))
const SECRETS = { SMTP: 'mail-canary-81', HOOK: 'hook-canary-82', BOT: '777:bot-canary-83' }

/** A mail server that says as little as it may: keeps what was sent. */
class MailServer {
  readonly mails: string[] = []
  readonly auths: string[] = []
  refuses = false
  readonly server: Server = createServer((socket) => {
    let [text, isData] = ['', false]
    socket.on('error', () => undefined)
    socket.write('220 here\r\n')
    socket.on('data', (part: Buffer) => {
      text += part.toString()
      for (;;) {
        const end = text.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = text.slice(0, end)
        text = text.slice(end + (isData ? 5 : 2))
        if (isData) this.mails.push(line)
        if (line.startsWith('AUTH'))
          this.auths.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString())
        const isRefused = this.refuses && line.startsWith('AUTH')
        const answer = isData ? '250 taken' : line.startsWith('EHLO') ? '250-here\r\n250 AUTH PLAIN' : line.startsWith('AUTH') ? (isRefused ? `535 no ${line}` : '235 yes') : line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok' // prettier-ignore
        isData = !isData && line === 'DATA'
        socket.write(`${answer}\r\n`)
      }
    })
  })
}

/** A web server that keeps what was posted. */
class HookServer {
  readonly got: { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: Readonly<Record<string, unknown>> }[] = [] // prettier-ignore
  status = 200
  readonly server: Server = createHttp((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      this.got.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Record<string, unknown> }) // prettier-ignore
      response.writeHead(this.status).end('{}')
    })
  })
}

const mail = new MailServer()
const hook = new HookServer()
const bot = new HookServer()
const portOf = ({ server }: { readonly server: Server }): number => (server.address() as AddressInfo).port
let made: TestSession
let view: SessionView

beforeAll(async () => {
  for (const { server } of [mail, hook, bot]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)) // prettier-ignore
  made = await testSession({ bars: 40, source: LIVE })
  writeHealth(made)
  view = await viewSession(made.folder, made.id, ports())
})
afterAll(() => {
  for (const { server } of [mail, hook, bot]) server.close()
  made.session.close()
  rmSync(folder, { recursive: true })
  rmSync(made.folder, { recursive: true })
})

function written(json: unknown): string {
  const path = join(folder, 'alerts.json')
  writeFileSync(path, typeof json === 'string' ? json : JSON.stringify(json))
  return path
}

function channels(): Record<string, unknown>[] {
  return [
    { kind: 'email', host: '127.0.0.1', port: portOf(mail), from: 'bot@example.org', to: ['me@example.org'], user: 'me', passwordVariable: 'SMTP' }, // prettier-ignore
    { kind: 'webhook', url: `http://127.0.0.1:${portOf(hook)}/in`, tokenVariable: 'HOOK' },
    { kind: 'telegram', chat: '42', tokenVariable: 'BOT', address: `http://127.0.0.1:${portOf(bot)}` },
  ]
}

const settingsOf = (json: object): AlertSettings => readAlertSettings(written(json), SECRETS)

function alert(key: string, changes: Partial<Alert> = {}): Alert {
  return { key, severity: 'critical', title: `title of ${key}`, detail: 'detail', ...changes }
}

describe('the outbox', () => {
  const limits = { ...OUTBOX_LIMITS, quietMs: 1_000, paceMs: 10, overMs: 100 }

  test('tells of one trouble once, counts what was swallowed, and tells again after the quiet time', () => {
    const box = new Outbox(limits)
    box.offer(alert('a'), 0)
    box.offer(alert('a'), 1)
    const first = box.due(1)
    expect(first?.alerts).toEqual([{ ...alert('a'), time: 0, swallowed: 1 }])
    box.told(first!, 1)
    for (let now = 2; now < 1_001; now++) box.offer(alert('a'), now)
    expect(box.due(1_000)).toBeUndefined()
    box.offer(alert('a'), 1_001)
    expect(box.due(1_001)?.alerts).toEqual([{ ...alert('a'), time: 1_001, swallowed: 999 }])
  })

  test('tells that something is over only when it stays so, and never before it told of it', () => {
    const box = new Outbox(limits)
    box.offer(alert('a'), 0)
    box.settle(new Set(), 1)
    box.told(box.due(1)!, 1)
    box.settle(new Set(), 50)
    box.offer(alert('a'), 60)
    box.settle(new Set(), 155)
    expect(box.due(155)).toBeUndefined()
    box.settle(new Set(), 255)
    const over = box.due(255)!
    expect(over.alerts.map(({ severity, title }) => [severity, title])).toEqual([
      ['note', 'Over: title of a'],
    ])
    box.told(over, 255)
    box.settle(new Set(), 300)
    expect(box.due(10_000)).toBeUndefined()
  })

  test('stays bounded under 10,000 alerts a minute, and drops no critical one', () => {
    const box = new Outbox(OUTBOX_LIMITS)
    const told: string[] = []
    let [messages, dropped] = [0, 0]
    for (let at = 0; at < 10_000; at++) {
      const now = at * 6
      box.offer(alert(`warning ${at}`, { severity: 'warning' }), now)
      if (at % 100 === 0) box.offer(alert(`critical ${at}`), now)
      box.settle(new Set(), now)
      expect(box.waiting).toBeLessThanOrEqual(OUTBOX_LIMITS.waitingWarnings + 100)
      const bundle = box.due(now)
      if (bundle === undefined) continue
      messages++
      dropped += bundle.dropped
      told.push(...bundle.alerts.map(({ key }) => key))
      box.told(bundle, now)
    }
    expect(messages).toBeLessThanOrEqual(12)
    expect(told.filter((key) => key.startsWith('critical')).length + box.waiting).toBeGreaterThanOrEqual(100)
    box.told(box.due(100_000) ?? { alerts: [], dropped: 0 }, 100_000)
    expect(new Set(told).size).toBe(told.length)
    expect(dropped).toBeGreaterThan(8_000)
  })

  test('waits longer each time nobody takes a message, and forgets nothing', () => {
    const box = new Outbox(OUTBOX_LIMITS)
    box.offer(alert('a'), 0)
    const tries: number[] = []
    for (let now = 0; now < 1_000_000; now += 1_000) {
      if (box.due(now) === undefined) continue
      tries.push(now / 1_000)
      box.failed(now)
    }
    expect(tries.slice(0, 6)).toEqual([0, 10, 30, 70, 150, 310])
    expect(box.waiting).toBe(1)
  })
})

describe('channels, against servers', () => {
  async function tell(settings: AlertSettings, alerts: readonly Alert[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = []
    const alerter = new Alerter('session-1', settings, () => NOW, (one) => void deliveries.push(one)) // prettier-ignore
    alerter.see(alerts)
    await alerter.flush()
    return deliveries
  }

  test('mail takes the message, with its password and without a line that is not ours', async () => {
    const settings = settingsOf({ channels: channels().slice(0, 1) })
    const evil = alert('x', {
      title: 'bad\r\nBcc: other@example.org\r\n.\r\n',
      detail: `password ${SECRETS.SMTP}`,
    })
    expect(await tell(settings, [evil])).toEqual([{ channel: 'email', isTaken: true, detail: '' }])
    const [text = ''] = mail.mails
    expect(text).toMatch(/^Subject: \[baleen\] CRITICAL session-1: bad Bcc: other@example\.org/m)
    expect(text).not.toMatch(/^Bcc:/m)
    expect(text).not.toContain(SECRETS.SMTP)
    expect(mail.auths).toEqual([`\0me\0${SECRETS.SMTP}`])
  })

  test('a webhook gets JSON, and only the first channel that takes it is used', async () => {
    const before = mail.mails.length
    const settings = settingsOf({ channels: channels().slice(1) })
    expect(await tell(settings, [alert('a'), alert('b', { severity: 'warning' })])).toHaveLength(1)
    expect(hook.got.at(-1)).toMatchObject({
      path: '/in',
      headers: { authorization: `Bearer ${SECRETS.HOOK}` },
      body: {
        source: 'baleen',
        session: 'session-1',
        severity: 'critical',
        alerts: [{ key: 'a' }, { key: 'b' }],
      },
    })
    expect([mail.mails.length, bot.got.length]).toEqual([before, 0])
  })

  test('the next channel is tried when one fails, and nobody is told a secret', async () => {
    mail.refuses = true
    hook.status = 500
    const deliveries = await tell(settingsOf({ channels: channels() }), [alert('a')])
    expect(deliveries.map(({ channel, isTaken }) => [channel, isTaken])).toEqual([['email', false], ['webhook', false], ['telegram', true]]) // prettier-ignore
    expect(deliveries[1]?.detail).toBe('it answered 500')
    const path = bot.got.at(-1)?.path
    expect(path).toBe(`/bot${SECRETS.BOT}/sendMessage`)
    expect(bot.got.at(-1)?.body).toMatchObject({ chat_id: '42', text: expect.stringContaining('title of a') })
    bot.status = 404
    const all = JSON.stringify(await tell(settingsOf({ channels: channels() }), [alert('a')]))
    for (const secret of Object.values(SECRETS)) {
      expect(all).not.toContain(secret)
      expect(all).not.toContain(Buffer.from(`\0me\0${secret}`).toString('base64'))
    }
  })

  afterAll(() => {
    mail.refuses = false
    hook.status = bot.status = 200
  })

  test('what is found is not waited for: a channel that answers nobody holds nothing up', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const settings = settingsOf({ channels: [{ kind: 'webhook', url: `http://127.0.0.1:${portOf({ server: silent })}/` }] }) // prettier-ignore
    const alerter = new Alerter('s', settings, () => NOW, () => undefined) // prettier-ignore
    for (let at = 0; at < 10_000; at++) alerter.see([alert('a')])
    expect(alerter.waiting).toBe(1)
    silent.close()
    ;(silent as unknown as { closeAllConnections?: () => void }).closeAllConnections?.()
  })

  test('secrets are taken out as they are, and as addresses and headers spell them', () => {
    const redact = redactor(['a b/c:d'])
    expect(redact(`x a b/c:d ${encodeURIComponent('a b/c:d')} ${Buffer.from('a b/c:d').toString('base64')}`)).toMatch(/^x \[secret\] \[secret\] \[secret\][A-Z]?=*$/) // prettier-ignore
  })
})

describe('settings of alerts', () => {
  test('are read with their defaults, and their secrets from the environment alone', () => {
    const settings = settingsOf({ channels: channels(), quiet: '30m', longestHold: '1h' })
    expect(settings.limits.quietMs).toBe(1_800_000)
    expect(settings.rules).toEqual({ ...ALERT_RULES, longestHoldMs: HOUR_MS })
    expect(settings.secrets).toEqual(Object.values(SECRETS))
  })

  test.each<[string, unknown, RegExp]>([
    ['an unknown key', { channels: [], quite: '5m' }, /must name one at least.*channels/],
    ['an unknown key beside channels', { channels: [{ kind: 'webhook', url: 'https://x.example' }], quite: '5m' }, /unknown key.*quite/],
    ['an unknown key of a channel', { channels: [{ kind: 'webhook', url: 'https://x.example', token: 'abc' }] }, /unknown key.*channels\.0\.token/],
    ['a kind that there is not', { channels: [{ kind: 'pigeon' }] }, /kind email, webhook or telegram/],
    ['a secret in place of its variable', { channels: [{ kind: 'telegram', chat: '1', tokenVariable: '777:abc' }] }, /name of an environment variable/],
    ['a variable that is not set', { channels: [{ kind: 'telegram', chat: '1', tokenVariable: 'ABSENT' }] }, /the environment has no ABSENT/],
    ['plain http to another machine', { channels: [{ kind: 'webhook', url: 'http://x.example' }] }, /must be an https address/],
    ['a user without a password', { channels: [{ kind: 'email', host: 'h', port: 25, from: 'a', to: ['b'], user: 'u' }] }, /go together/],
    ['a duration without a unit', { channels: [{ kind: 'webhook', url: 'https://x.example' }], quiet: '5' }, /duration such as 15m/],
    ['no JSON', '{', /not JSON/],
  ])('%s is refused', (_what, json, words) => {
    expect(() => readAlertSettings(written(json), SECRETS)).toThrow(words)
    expect(() => readAlertSettings(written(json), SECRETS)).toThrow(ConfigError)
  }) // prettier-ignore
})

test('what is to be told once is told once while it stays, and anew when it comes back', () => {
  const box = new Outbox()
  const once = { key: 'demotion band', severity: 'critical', title: 'x', detail: '', isToldOnce: true } as const // prettier-ignore
  const told: number[] = []
  const see = (now: number, isThere: boolean): void => {
    if (isThere) box.offer(once, now)
    box.settle(new Set(isThere ? [once.key] : []), now)
    const bundle = box.due(now)
    if (bundle === undefined) return
    if (bundle.alerts.some(({ key }) => key === once.key)) told.push(now)
    box.told(bundle, now)
  }
  for (const now of [0, 1, 24, 48]) see(now * HOUR_MS, true)
  expect(told).toEqual([0])
  see(72 * HOUR_MS, false)
  see(73 * HOUR_MS, false)
  see(74 * HOUR_MS, true)
  expect(told).toEqual([0, 74 * HOUR_MS])
})

describe('rules', () => {
  const nothing: AlertContext = {
    parity: { state: 'absent', detail: '', day: undefined },
    missingReport: undefined,
  }
  const late = 30_000
  const at = (changes: object = {}, health: object = {}): SessionView => {
    const now = view.journal.lastClose + HOUR_MS + late
    return {
      ...view,
      now,
      health: { ...view.health, time: now - 1_000, ...health },
      ...changes,
    } as SessionView
  }
  const journal = (changes: object): object => ({ journal: Object.assign(Object.create(Object.getPrototypeOf(view.journal) as object) as object, view.journal, changes) }) // prettier-ignore
  const keys = (seen: SessionView, context: AlertContext = nothing): string[] => alertsOf(statusOf(seen), context).map(({ key }) => key) // prettier-ignore

  test('find nothing wrong with a session that gets on', () => {
    expect(keys(at())).toEqual([])
  })

  test('find each trouble by its own key', () => {
    expect(keys(at({ isHolderAlive: false }))).toEqual(['liveness dead'])
    expect(keys(at({}, { time: at().now - 61_000 }))).toContain('liveness stalled')
    expect(keys(at({}, { errorsLastHour: 9 }))).toEqual(['check errors'])
    expect(keys(at({}, { feed: { state: 'down', since: 0 } }))).toEqual(['check exchange'])
    expect(keys(at({ killReason: 'x' }))).toEqual(['kill'])
    expect(keys(at(journal({ mode: 'halted' })))).toEqual(['kill'])
    const { lastClose, marks } = view.journal
    expect(keys(at(journal({ marks: [...marks.slice(0, -1), { ...marks.at(-1), halted: true }] })))).toEqual(['halt']) // prettier-ignore
    expect(keys(at(journal({ holds: ['stale-candle'], heldSince: lastClose - 3 * HOUR_MS })))).toEqual([
      'hold',
    ])
    expect(keys(at(journal({ holds: ['stale-candle'], heldSince: lastClose - HOUR_MS })))).toEqual([])
    expect(keys(at(), { ...nothing, parity: { state: 'different', detail: 'row 3', day: '2026-01-01' } })).toEqual(['parity 2026-01-01']) // prettier-ignore
    const rules = demotionRules({ ...noDemotionFigures(unknown('never measured')), dailyHalts: known(2) })
    expect(keys(at({ demotion: { day: '2026-01-01', rules } }))).toEqual(['demotion daily-halts'])
    expect(keys(at({ demotion: { reason: 'no report' } }))).toEqual([])
    const overSince = at().now - 3 * HOUR_MS
    expect(keys(at(), { ...nothing, missingReport: { day: '2026-01-01', overSince } })).toEqual(['report'])
    expect(keys(at({ problems: ['the journal is damaged'] }))).toEqual(['unreadable the journal is damaged'])
    expect(keys(at(journal({ marks: [...marks.slice(0, -1), { ...marks.at(-1), equity: 9_000 }] })))).toEqual(['books']) // prettier-ignore
  })

  test('see that a report of yesterday is missing, on live data alone', async () => {
    const day = Math.floor(view.journal.lastClose / DAY_MS) * DAY_MS
    const now = day + DAY_MS + HOUR_MS
    expect((await alertContext({ ...view, now }, made.stored.paths)).missingReport?.overSince).toBe(
      day + DAY_MS,
    )
    const stored = { ...view, now, settings: { ...view.settings, source: { kind: 'stored' } as never } }
    expect((await alertContext(stored, made.stored.paths)).missingReport).toBeUndefined()
  })

  test('see a runner that was killed, by its files alone', async () => {
    const { pid = 0, ...child } = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'])
    const { file } = made.session
    const own = file.holder()!
    file.giveLeaseBack(own)
    file.takeLease({ pid, host: hostname(), started: 'then' }, () => false)
    const look = async (): Promise<string[]> => {
      const seen = await viewSession(made.folder, made.id, ports({ isAlive, now: () => at().now }))
      return keys({ ...seen, health: at().health })
    }
    expect(await look()).toEqual([])
    const gone = new Promise((resolve) => process.nextTick(() => (child as never as NodeJS.EventEmitter, resolve(undefined)))) // prettier-ignore
    process.kill(pid, 'SIGKILL')
    await gone
    for (let tries = 0; tries < 200 && isAlive({ pid }); tries++) await new Promise((resolve) => setTimeout(resolve, 10)) // prettier-ignore
    expect(await look()).toEqual(['liveness dead'])
    file.giveLeaseBack({ pid, host: hostname(), started: 'then' })
    file.takeLease(own, () => false)
  })
})

describe('commands', () => {
  async function run(...words: string[]): Promise<string> {
    const parent = new Command('paper').exitOverride().option('--json')
    addPaperStatusCommand(parent)
    addPaperWatchCommands(parent)
    const said: string[] = []
    const write = process.stdout.write
    process.stdout.write = ((text: string) => (said.push(text), true)) as typeof process.stdout.write
    try {
      await parent.parseAsync(words, { from: 'user' })
    } catch (error) {
      throw Object.assign(error as Error, { said: said.join('') })
    } finally {
      process.stdout.write = write
    }
    return said.join('')
  }

  test('status lists sessions and shows one, as text once off a terminal, and as JSON', async () => {
    const list = await run('status', '--sessions', made.folder)
    expect(list).toContain(made.id)
    const one = await run('status', 'latest', '--sessions', made.folder)
    for (const words of ['PAPER', 'Equity', 'Health', 'Limits', 'Closed trades by day'])
      expect(one).toContain(words)
    expect(one).not.toContain('\u001b')
    const json = JSON.parse(await run('--json', 'status', 'latest', '--sessions', made.folder)) as object
    expect(json).toMatchObject({ id: made.id, mode: 'paper' })
    expect(await run('status', '--sessions', join(folder, 'none'))).toContain('There is no session')
    await expect(run('status', 'nobody', '--sessions', made.folder)).rejects.toThrow(
      'there is no such session',
    )
  })

  test('alert-test reaches every channel, and fails where one does not take it', async () => {
    Object.assign(process.env, SECRETS)
    const file = written({ channels: channels() })
    expect((await run('alert-test', '--alerts', file)).match(/yes/g)).toHaveLength(3)
    hook.status = 403
    await expect(run('alert-test', '--alerts', file)).rejects.toThrow(CheckError)
    hook.status = 200
    for (const name of Object.keys(SECRETS)) delete process.env[name]
  })

  test('serve and watch refuse every address but this machine', async () => {
    for (const command of ['serve', 'watch'])
      await expect(run(command, 'latest', '--sessions', made.folder, '--port', '0', '--host', '0.0.0.0')).rejects.toThrow('--host') // prettier-ignore
  })
})
