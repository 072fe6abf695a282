import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { HOUR_MS } from '../../src/core/time.js'
import { storedItems, StoredFeed, type FeedItem, type FeedTick } from '../../src/runner/feed.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { DEFAULT_HOLD_LIMITS, holdReasons } from '../../src/runner/hold.js'
import { killReason, removeKillFile, throwKillSwitch } from '../../src/runner/kill-file.js'
import { isAlive, thisProcess } from '../../src/runner/machine.js'
import { recoverSession } from '../../src/runner/paper-session.js'
import { runSession, type Clock, type RunOptions } from '../../src/runner/run-session.js'
import { deskOf, feed, inputsOf, ledgerOf } from './as-session.js'
import { MemoryJournal, paperSettings, smallOptions } from './small-session.js'

const options = smallOptions(60)
const settings = paperSettings(options)
const lines: Readonly<Record<string, unknown>>[] = []
const CLOCK: Clock = { now: () => 0, monotonic: () => 0, offset: () => 0 }

function ran(changes: Partial<RunOptions> = {}): RunOptions {
  return {
    feed: new StoredFeed(options.instruments, Infinity),
    clock: CLOCK,
    log: (line) => void lines.push(line),
    limits: DEFAULT_HOLD_LIMITS,
    killed: () => undefined,
    stopped: () => false,
    requireLease: () => undefined,
    ...changes,
  }
}

describe('a session that is run', () => {
  test('on stored data is what it is when told by hand, and says what every decision rested on', async () => {
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    expect(await runSession(desk, ran())).toBe('end-of-feed')
    const byHand = deskOf(options)
    for (const input of inputsOf(options)) feed(byHand, input)
    expect(ledgerOf(desk)).toEqual(ledgerOf(byHand))
    expect(lines.filter(({ event }) => event === 'close')).toHaveLength(60)
    expect(lines.at(-1)).toMatchObject({ event: 'close', decisions: [{ instrument: 0, features: { mood: expect.any(Number) } }, {}] }) // prettier-ignore
  })

  test('stopped anywhere and begun again on its journal ends as if it had not been', async () => {
    const whole = recoverSession(settings, [], new MemoryJournal()).desk
    await runSession(whole, ran())
    const expected = ledgerOf(whole)
    for (const after of [1, 40, 77]) {
      const journal = new MemoryJournal()
      const { desk } = recoverSession(settings, [], journal)
      let asked = 0
      expect(await runSession(desk, ran({ stopped: () => ++asked > after }))).toBe('stopped')
      const again = recoverSession(settings, [...journal.durable], journal).desk
      await runSession(again, ran())
      expect(ledgerOf(again)).toEqual(expected)
    }
  })

  test('enters nothing while it is held, and leaves what it has', async () => {
    const journal = new MemoryJournal()
    const { desk } = recoverSession(settings, [], journal)
    const lateFrom = options.instruments[0]?.candles.openTime[25] ?? 0
    const clock = { ...CLOCK, now: () => (desk.session.lastDecided >= lateFrom ? Infinity : 0) }
    await runSession(desk, ran({ clock }))
    expect(desk.holds).toEqual(['stale-candle'])
    const { fills, reasons } = desk.session.recorder
    const late = fills.list().filter(({ time }) => time > lateFrom + 2 * 3_600_000)
    expect(late.filter(({ role }) => role === 'entry')).toEqual([])
    expect(reasons.halted).toBeGreaterThan(0)
    expect(desk.session.state.books.map(({ side }) => side)).toEqual([0, 0])
  })

  test('that stood still says so before it decides on what is late for that reason', async () => {
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    const from = options.instruments[0]?.candles.openTime[30] ?? 0
    let at = 0
    let isStill = false
    const monotonic = (): number => {
      if (desk.session.lastDecided < from || isStill) return (at += 100)
      isStill = true
      return (at += 61_000)
    }
    const told: string[] = []
    const log: RunOptions['log'] = ({ event, time }) => void (event === 'close' && time === from + HOUR_MS && told.push('close'))
    await runSession(desk, ran({ clock: { ...CLOCK, monotonic }, log, trouble: (what, message) => void told.push(`${what}: ${message}`) }))
    expect(told).toEqual([expect.stringMatching(/^hang: nothing was done for 61 s/), 'close'])
  }) // prettier-ignore

  test('counts the age of a close by the clock of the venue, whatever this machine takes for the time', async () => {
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    const lateFrom = options.instruments[0]?.candles.openTime[25] ?? 0
    const behind = 3 * HOUR_MS
    // Every close is decided on an hour late, by a clock that is three hours behind.
    const clock = { ...CLOCK, now: () => Math.max(lateFrom, desk.session.lastDecided) + 2 * HOUR_MS - behind, offset: () => -behind }
    const ages: number[] = []
    await runSession(desk, ran({ clock, onClose: (time, health) => void (time > lateFrom + HOUR_MS && ages.push(health.candleAgeMs)) }))
    expect(new Set(ages)).toEqual(new Set([HOUR_MS]))
    expect(desk.holds).toEqual(['stale-candle', 'clock-offset'])
  }) // prettier-ignore

  test('is held between closes where quotes are old, and no longer than that', async () => {
    const journal = new MemoryJournal()
    const { desk } = recoverSession({ ...settings, fillModel: 'quotes' }, [], journal)
    const first = options.instruments[0]?.candles.openTime[0] ?? 0
    const close = (bar: number): number => first + (bar + 1) * HOUR_MS
    const quotes = (at: number): FeedItem[] =>
      [0, 1].map((instrument) => ({ kind: 'quote', at, quote: { instrument, time: at, bid: 100, bidSize: 1, ask: 101, askSize: 1 } })) // prettier-ignore
    const tick = (at: number): FeedTick => ({ kind: 'tick', at })
    const items = storedItems(options.instruments, Infinity).flatMap((item): (FeedItem | FeedTick)[] => {
      if (item.kind !== 'bars') return [item]
      const after = item.at === close(20) ? [tick(item.at + 15_000)] : item.at === close(25) ? [tick(item.at + 15_000), ...quotes(item.at + 16_000), tick(item.at + 17_000)] : [] // prettier-ignore
      return [...quotes(item.at - 1), item, tick(item.at + 5_000), ...after]
    })
    const feedOf = { items: async function* () { yield* items } } // prettier-ignore
    await runSession(desk, ran({ feed: feedOf, limits: { ...DEFAULT_HOLD_LIMITS, quoteAgeMs: 10_000 } }))
    const holds = journal.durable.flatMap(({ kind, text }) => (kind === 'hold' ? [journalBody(text)] : []))
    expect(holds).toEqual([
      { time: close(20) + 15_000, reasons: ['stale-quotes'] },
      { time: close(21), reasons: [] },
      { time: close(25) + 15_000, reasons: ['stale-quotes'] },
      { time: close(25) + 17_000, reasons: [] },
    ])
  })

  test('that is killed closes what it holds, enters nothing, and is still killed after a restart until a reason clears it', async () => {
    const journal = new MemoryJournal()
    const { desk } = recoverSession(settings, [], journal)
    const from = options.instruments[0]?.candles.openTime[30] ?? 0
    let asked = 0
    const killed = (): string | undefined => (desk.session.lastDecided >= from ? 'a test' : undefined)
    await runSession(desk, ran({ killed, stopped: () => desk.mode === 'halted' && ++asked > 12 }))
    expect(desk.mode).toBe('halted')
    expect(desk.session.state.books.map(({ side }) => side)).toEqual([0, 0])
    const fills = desk.session.recorder.fills.count
    const again = recoverSession(settings, [...journal.durable], journal).desk
    expect([again.mode, again.session.recorder.fills.count]).toEqual(['halted', fills])
    const time = again.session.lastDecided
    expect(() => again.changeMode({ time, mode: 'active', reason: ' ' })).toThrow(ConfigError)
    again.changeMode({ time, mode: 'active', reason: 'looked at it' })
    await runSession(again, ran())
    expect(again.session.recorder.fills.count).toBeGreaterThan(fills)
  })

  test('that is killed leaves at the open after the kill, never at that of the bar at whose close it was found', async () => {
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    let isThrown = false
    const killed = (): string | undefined => {
      isThrown ||= desk.session.state.books.every(({ side }) => side !== 0)
      return isThrown ? 'a test' : undefined
    }
    await runSession(desk, ran({ killed }))
    const thrown = lines.findLast(({ event }) => event === 'killed')?.['time']
    const byHand = desk.session.recorder.orders.list().filter(({ exitReason }) => exitReason === 'manual')
    const ids = new Set(byHand.map(({ id }) => id))
    const left = desk.session.recorder.fills.list().filter(({ orderId }) => ids.has(orderId))
    expect(left.length).toBeGreaterThan(0)
    expect(new Set(left.map(({ time }) => time))).toEqual(new Set([thrown]))
  })

  test('reducing withdraws entries that rest, and leaves by its own exits', () => {
    const desk = deskOf(options)
    const items = inputsOf(options)
    for (const input of items) {
      feed(desk, input)
      if (desk.session.state.books.some(({ entry }) => entry.isActive)) break
    }
    desk.changeMode({ time: desk.session.lastDecided, mode: 'reducing', reason: '' })
    expect(desk.session.state.books.map(({ entry }) => entry.isActive)).toEqual([false, false])
    const entries = desk.session.recorder.entryOrders
    for (const input of items.filter(({ at }) => at > desk.session.lastDecided)) feed(desk, input)
    expect(desk.session.recorder.entryOrders).toBe(entries)
  })
})

describe('between two closes', () => {
  const items = inputsOf(options)
  const closes = items.filter(({ kind }) => kind === 'bars')
  /** The whole feed, with a tick half an hour after each close. */
  const ticking: RunOptions['feed'] = {
    async *items() {
      for (const item of items) {
        yield item
        if (item.kind === 'bars') yield { kind: 'tick', at: item.at + 1_800_000 }
      }
    },
  }

  test('a tick changes nothing where nobody throws or clears a switch', async () => {
    const [ticked, plain] = [new MemoryJournal(), new MemoryJournal()]
    await runSession(recoverSession(settings, [], ticked).desk, ran({ feed: ticking }))
    await runSession(recoverSession(settings, [], plain).desk, ran())
    expect(ticked.durable).toEqual(plain.durable)
  })

  test('a kill waits for the close, since bars fill at an open that is over; a clearing does not', async () => {
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    const at = closes[20]?.at ?? 0
    const modes: string[] = []
    const killed = (): string | undefined =>
      desk.session.lastDecided === at && desk.mode === 'active' && modes.length === 0 ? 'a test' : undefined
    const cleared = (): string | undefined =>
      desk.session.lastDecided === closes[23]?.at ? 'looked at it' : undefined
    const log: RunOptions['log'] = (line) => {
      if (line.event === 'killed' || line.event === 'kill-cleared')
        modes.push(`${line.event} ${Number(line['time']) - at}`)
    }
    await runSession(desk, ran({ feed: ticking, killed, cleared, log }))
    expect(modes).toEqual([`killed ${3_600_000}`, `kill-cleared ${3 * 3_600_000 + 1_800_000}`])
  })
})

describe('the kill switch as a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-kill-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is thrown with a reason, halts the session at its next close, and leaves it halted when the file is gone', async () => {
    const path = join(folder, 'kill')
    const { desk } = recoverSession(settings, [], new MemoryJournal())
    expect(killReason(path)).toBeUndefined()
    expect(() => throwKillSwitch(path, ' ')).toThrow(ConfigError)
    let asked = 0
    const stopped = (): boolean => {
      if (++asked === 60) throwKillSwitch(path, 'enough')
      return asked > 80
    }
    await runSession(desk, ran({ killed: () => killReason(path), stopped }))
    expect([desk.mode, lines.find(({ event }) => event === 'killed')?.['reason']]).toEqual(['halted', expect.any(String)]) // prettier-ignore
    removeKillFile(path)
    expect([killReason(path), desk.mode]).toEqual([undefined, 'halted'])
    writeFileSync(path, '')
    expect(killReason(path)).toBe('the kill file is there')
  })

  test('a holder of a lease lives while its process does', () => {
    expect(isAlive(thisProcess())).toBe(true)
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    expect(isAlive({ pid })).toBe(false)
    // Its number may be another program's by now, which is not to be ended for it; of a number that a container counted nobody here can tell.
    const [space, boot, began] = (thisProcess().process ?? '').split(' ')
    const before = (process: string): boolean => isAlive({ pid: globalThis.process.pid, process })
    expect(before(`${space} ${boot} ${began}`)).toBe(true)
    if (globalThis.process.platform !== 'linux') return
    expect([before(`${space} ${boot} 1`), before(`${space} another ${began}`)]).toEqual([false, false])
    expect(before(`elsewhere ${boot} 1`)).toBe(true)
  })
})

describe('what holds a session', () => {
  const fine = { candleAgeMs: 0, signalAgeMs: 0, quoteAgeMs: 0, clockOffsetMs: 0, journalMs: 0, coverage: 1 }
  const limits = {
    candleAgeMs: 5,
    signalAgeMs: 5,
    quoteAgeMs: 5,
    clockOffsetMs: 5,
    journalMs: 5,
    coverage: 0.5,
  }

  test.each([
    ['stale-candle', { candleAgeMs: 6 }],
    ['stale-signal', { signalAgeMs: 6 }],
    ['stale-quotes', { quoteAgeMs: 6 }],
    ['clock-offset', { clockOffsetMs: -6 }],
    ['slow-journal', { journalMs: 6 }],
    ['low-coverage', { coverage: 0.4 }],
  ] as const)('%s, above its own limit only', (reason, health) => {
    expect(holdReasons({ ...fine, ...health }, limits)).toEqual([reason])
    expect(holdReasons(limits, limits)).toEqual([])
  })

  test('what nobody measures holds nothing', () => {
    const none = {
      candleAgeMs: NaN,
      signalAgeMs: NaN,
      quoteAgeMs: NaN,
      clockOffsetMs: NaN,
      journalMs: NaN,
      coverage: NaN,
    }
    expect(holdReasons(none, limits)).toEqual([])
  })
})
