import type { VirtualClock } from '../clock.js'
import type { FaultInjector } from '../faults/injector.js'
import { garbled, withUnknownFields } from '../faults/harm.js'
import { streamSource, type StreamMessage, type StreamSource } from './stream-messages.js'
import type { Market, Venue } from './venue.js'

/** One client's connection, as the streams see it. */
export interface Socket {
  send(text: string): void
  /** Cuts it without a goodbye. */
  cut(): void
}

/** How often open candles and quotes are pushed at most, virtual ms. Sources: "Update Speed" of the streams: 250 ms on futures, 1 s on spot. */
const UPDATE_MS: Readonly<Record<Market, number>> = { spot: 1_000, usdm: 250 }
/** A fast world would drown its clients: not more often than so, in real time. */
const REAL_UPDATE_MS = 50
/** With a clock that is stepped by hand. */
const STEPPED_UPDATE_MS = 15_000

export function updateMs(market: Market, speed: number): number {
  return speed === 0 ? STEPPED_UPDATE_MS : Math.max(UPDATE_MS[market], REAL_UPDATE_MS * speed)
}

interface Feed {
  readonly name: string
  readonly market: Market
  readonly source: StreamSource
  readonly listeners: Map<Connection, true>
  cancel: () => void
  /** A message that a fault holds back until after the next one. */
  held: StreamMessage | undefined
}

/** All streams of the exchange: one source a stream, whoever listens. */
export class Streams {
  private readonly feeds = new Map<string, Feed>()

  constructor(
    private readonly venue: Venue,
    private readonly clock: VirtualClock,
    private readonly faults: FaultInjector,
  ) {}

  /** A client has connected. `combined` wraps each message with its stream's name. */
  connect(socket: Socket, market: Market, names: readonly string[], combined: boolean): Connection {
    const connection = new Connection(this, socket, market, combined)
    for (const name of names) this.subscribe(connection, name)
    return connection
  }

  /** A name that the venue does not know is taken and stays silent, as there. */
  subscribe(connection: Connection, name: string): void {
    const key = `${connection.market} ${name}`
    connection.names.add(name)
    const feed = this.feeds.get(key)
    if (feed !== undefined) {
      feed.listeners.set(connection, true)
      return
    }
    const { market } = connection
    const source = streamSource(this.venue, market, name, this.clock.now())
    if (source === undefined) return
    const started: Feed = { name, market, source, listeners: new Map([[connection, true]]), cancel: () => undefined, held: undefined } // prettier-ignore
    this.feeds.set(key, started)
    this.push(started)
  }

  unsubscribe(connection: Connection, name: string): void {
    connection.names.delete(name)
    const key = `${connection.market} ${name}`
    const feed = this.feeds.get(key)
    feed?.listeners.delete(connection)
    if (feed === undefined || feed.listeners.size > 0) return
    feed.cancel()
    this.feeds.delete(key)
  }

  private push(feed: Feed): void {
    const now = this.clock.now()
    const { faults } = this
    const view = faults.view('stream', feed.name, `update ${now}`, now)
    for (const message of feed.source.take(view)) this.deliver(feed, message, now)
    // Nobody listens any more: all were cut.
    if (feed.listeners.size === 0) return
    // A frozen or late source has no candle to close before the next update.
    const close = feed.source.nextMs(now)
    const next = Math.min(close > now ? close : Infinity, now + updateMs(feed.market, this.clock.speed))
    feed.cancel = this.clock.at(next, () => this.push(feed))
  }

  /** Sends a message to all who listen, or what faults make of it. */
  private deliver(feed: Feed, message: StreamMessage, now: number): void {
    const { faults } = this
    const { name } = feed
    const strikes = (fault: Parameters<FaultInjector['strikes']>[0]): boolean =>
      faults.strikes(fault, 'stream', name, message.what, now) !== undefined
    if (strikes('silence') || strikes('gap')) return
    if (strikes('disconnect')) {
      for (const connection of [...feed.listeners.keys()]) connection.cut()
      return
    }
    if (feed.held === undefined && strikes('reorder')) {
      feed.held = message
      return
    }
    const data = !message.closes && strikes('open-as-closed') ? asClosed(message.data) : message.data
    const harm = { fields: strikes('unknown-fields'), garbles: strikes('garbled') }
    for (let times = strikes('duplicate') ? 2 : 1; times > 0; times--) {
      for (const connection of [...feed.listeners.keys()]) {
        const whole = connection.combined ? { stream: name, data } : data
        const text = harm.fields ? withUnknownFields(JSON.stringify(whole)) : JSON.stringify(whole)
        connection.socket.send(harm.garbles ? garbled(text) : text)
      }
    }
    const { held } = feed
    feed.held = undefined
    if (held !== undefined) {
      const text = (connection: Connection): string =>
        JSON.stringify(connection.combined ? { stream: name, data: held.data } : held.data)
      for (const connection of [...feed.listeners.keys()]) connection.socket.send(text(connection))
    }
  }

  stop(): void {
    for (const feed of this.feeds.values()) feed.cancel()
    this.feeds.clear()
  }
}

function asClosed(data: object): object {
  const { k } = data as { readonly k?: object }
  return k === undefined ? data : { ...data, k: { ...k, x: true } }
}

/** A client and what it listens to. */
export class Connection {
  readonly names: Set<string> = new Set<string>()

  constructor(
    private readonly streams: Streams,
    readonly socket: Socket,
    readonly market: Market,
    readonly combined: boolean,
  ) {}

  /** Answers a client's message. Sources: "Live Subscribing/Unsubscribing to streams" of both markets. */
  receive(text: string): void {
    let message: { readonly method?: unknown; readonly params?: unknown; readonly id?: unknown }
    try {
      message = JSON.parse(text) as typeof message
    } catch {
      return this.refuse(null, 'Invalid JSON: expected value at line 1 column 1')
    }
    if (typeof message !== 'object' || message === null) return this.refuse(null, 'Invalid request')
    const id = typeof message.id === 'number' || typeof message.id === 'string' ? message.id : null
    if (message.method === 'LIST_SUBSCRIPTIONS') return this.say({ result: [...this.names], id })
    const names = message.params
    if (message.method !== 'SUBSCRIBE' && message.method !== 'UNSUBSCRIBE')
      return this.refuse(id, `Invalid request: unknown method, expected one of SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS`) // prettier-ignore
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
      return this.refuse(id, 'Invalid request: params must be a list of streams')
    this.say({ result: null, id })
    for (const name of names as string[]) {
      if (message.method === 'SUBSCRIBE') this.streams.subscribe(this, name)
      else this.streams.unsubscribe(this, name)
    }
  }

  /** Cuts the client off; nothing of what follows is for it. */
  cut(): void {
    this.close()
    this.socket.cut()
  }

  close(): void {
    for (const name of [...this.names]) this.streams.unsubscribe(this, name)
  }

  private say(answer: object): void {
    this.socket.send(JSON.stringify(answer))
  }

  private refuse(id: unknown, msg: string): void {
    this.say({ error: { code: 2, msg }, id })
  }
}
