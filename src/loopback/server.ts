import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Readable } from 'node:stream'
import type { WebSocket } from 'ws'
import { DataError } from '../core/errors.js'
import type { VirtualClock } from './clock.js'
import { ExchangeRest, isExchangePath, tooManyRequests } from './exchange/rest.js'
import { Streams } from './exchange/streams.js'
import { type Market, venueOf } from './exchange/venue.js'
import { send, type Sent } from './faults/harm.js'
import { FaultInjector } from './faults/injector.js'
import { type FaultPlan, NO_FAULTS } from './faults/plan.js'
import { type TruthLog, truthLog } from './faults/truth-log.js'
import type { Reply, Request, View } from './reply.js'
import { ApiRefusals } from './smart-money/refusals.js'
import { SmartMoneyApi } from './smart-money/api.js'
import type { World } from './world.js'

export interface LoopbackOptions {
  readonly world: World
  readonly clock: VirtualClock
  /** 0, the default, takes any that is free. */
  readonly port?: number
  readonly faults?: FaultPlan
  /** Where every injected fault is told; default in memory. */
  readonly truth?: TruthLog
  /** Real ms between pings. Default as the venue: 20 s on spot, 180 s on futures. */
  readonly pingMs?: number
  /** Told of each request as it comes: virtual UTC ms, and its path. */
  readonly asked?: (timeMs: number, path: string) => void
}

/** Addresses of a running loopback world, as clients are told them. */
export interface LoopbackUrls {
  readonly spotRest: string
  readonly usdmRest: string
  readonly usdmData: string
  readonly spotStreams: string
  readonly usdmStreams: string
  readonly smartMoneyApi: string
  readonly status: string
}

export interface Loopback {
  readonly port: number
  readonly urls: LoopbackUrls
  readonly truth: TruthLog
  /** Closes all connections and frees the port. The clock is its owner's. */
  close(): Promise<void>
}

/** Only this machine reaches it. */
const HOST = '127.0.0.1'

/** Starts the servers of a world on one port of this machine. Throws DataError where the port is taken. */
export async function serveLoopback(options: LoopbackOptions): Promise<Loopback> {
  const { world, clock, faults: plan = NO_FAULTS, port = 0 } = options
  const [{ fastify }, { WebSocketServer }] = await Promise.all([import('fastify'), import('ws')])
  const truth = options.truth ?? (await truthLog())
  const faults = new FaultInjector(plan, (fault) => truth.add(fault))
  const venue = venueOf(world)
  const exchange = new ExchangeRest(venue)
  const streams = new Streams(venue, clock, faults)
  const api = new SmartMoneyApi(world, () => clock.now())

  const answer = (request: Request): Sent => {
    const now = clock.now()
    options.asked?.(now, request.path)
    if (isExchangePath(request.path))
      return answerWithFaults(faults, 'exchange', request, now, (view) => exchange.answer(request, view))
    if (request.path.startsWith('/v1/'))
      return answerWithFaults(faults, 'api', request, now, (view) => api.answer(request, view))
    if (request.path === '/loopback/status') return plain(200, statusOf(world, clock, truth))
    if (request.path === '/loopback/truth') return plain(200, truth.faults)
    return plain(404, { error: 'not_found', message: `no such path: ${request.path}` })
  }

  const server = fastify({ forceCloseConnections: true, exposeHeadRoutes: false })
  server.get('*', async (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.raw.url ?? '/', `http://${HOST}`)
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    )
    const sent = answer({ path: pathname, query: Object.fromEntries(searchParams), headers })
    void outgoing.code(sent.status).headers(sent.headers)
    return sent.dripMs === undefined ? outgoing.send(sent.text) : outgoing.send(drip(sent.text, sent.dripMs))
  })

  const sockets = new WebSocketServer({ noServer: true })
  const beats = new Set<NodeJS.Timeout>()
  server.server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    const asked = streamsAsked(request.url ?? '')
    if (asked === undefined) {
      raw.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, raw, head, (socket) => {
      const { market, names, combined } = asked
      const channel = { send: (text: string) => socket.send(text), cut: () => socket.terminate() }
      const connection = streams.connect(channel, market, names, combined)
      socket.on('message', (data) => connection.receive((data as Buffer).toString()))
      socket.on('error', () => socket.terminate())
      const beat = keepAlive(socket, options.pingMs ?? (market === 'spot' ? 20_000 : 180_000))
      beats.add(beat)
      socket.on('close', () => {
        connection.close()
        clearInterval(beat)
        beats.delete(beat)
      })
    })
  })

  await server.listen({ host: HOST, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    throw new DataError('the port is taken, or not ours to take', { field: '--port', value: port })
  })
  const bound = (server.server.address() as { readonly port: number }).port
  return {
    port: bound,
    urls: urlsOf(bound),
    truth,
    close: async () => {
      streams.stop()
      for (const beat of beats) clearInterval(beat)
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await server.close()
    },
  }
}

/** A request's way: refused before it is looked at, answered by what is known at a time, harmed on its way out. */
function answerWithFaults(
  faults: FaultInjector,
  where: 'exchange' | 'api',
  request: Request,
  now: number,
  handle: (view: View) => Reply,
): Sent {
  // prettier-ignore
  const { path, query } = request
  const question = new URLSearchParams(Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1))).toString()
  const what = `${question} #${faults.ordinal(`${path}?${question}`)}`
  const view = faults.view(where, path, what, now)
  const limited = faults.strikes('rate-limit', where, path, what, now)
  if (limited !== undefined) {
    const seconds = limited.retryAfterS ?? undefined
    const reply = where === 'api' ? ApiRefusals.tooMany(seconds) : tooManyRequests(429, seconds)
    return send(faults, where, path, what, reply, now)
  }
  const banned = faults.strikes('ban', where, path, what, now)
  if (banned !== undefined) return send(faults, where, path, what, tooManyRequests(418, banned.retryAfterS ?? undefined), now) // prettier-ignore
  const failed = faults.strikes('server-error', where, path, what, now)
  if (failed !== undefined) {
    const body = where === 'api' ? ApiRefusals.unavailable().body : { code: -1000, msg: 'An unknown error occurred while processing the request.' } // prettier-ignore
    return send(faults, where, path, what, { status: failed.status, body }, now)
  }
  return send(faults, where, path, what, handle(view), now)
}

function plain(status: number, body: unknown): Sent {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) }
}

function statusOf(world: World, clock: VirtualClock, truth: TruthLog): object {
  return {
    world: world.name,
    synthetic: world.synthetic,
    now: clock.now(),
    speed: clock.speed,
    startTime: world.startTime,
    endTime: world.endTime,
    instruments: world.instruments.map(({ instrument }) => instrument.id),
    faultsInjected: truth.faults.length,
  }
}

/** A text in eight pieces. */
function drip(text: string, pauseMs: number): Readable {
  async function* pieces(): AsyncGenerator<string> {
    const size = Math.max(1, Math.ceil(text.length / 8))
    for (let at = 0; at < text.length; at += size) {
      if (at > 0) await delay(pauseMs)
      yield text.slice(at, at + size)
    }
  }
  return Readable.from(pieces())
}

/**
 * Streams that a socket's address names. Sources: "Websocket Market Streams" of both markets: `/ws/<name>` raw, `/stream?streams=<name>/<name>` combined. Spot lies behind
 * `/streams/spot`, futures behind `/usdm`, also with the parts `/public` and `/market` into which the venue has cut its futures' streams.
 */
function streamsAsked(
  url: string,
): { readonly market: Market; readonly names: string[]; readonly combined: boolean } | undefined {
  // prettier-ignore
  const { pathname, searchParams } = new URL(url, `http://${HOST}`)
  const match = /^\/(streams\/spot|usdm(?:\/(?:public|market))?)\/(ws|stream)(?:\/(.*))?$/.exec(pathname)
  if (match === null) return undefined
  const combined = match[2] === 'stream'
  const listed = combined ? (searchParams.get('streams') ?? '') : (match[3] ?? '')
  // ccxt numbers its connections, `/ws/0`: no stream is called so.
  const names = listed.split('/').filter((name) => name.includes('@'))
  return { market: match[1]!.startsWith('usdm') ? 'usdm' : 'spot', names, combined }
}

/** Pings, and cuts a connection that left the last ping unanswered. */
function keepAlive(socket: WebSocket, everyMs: number): NodeJS.Timeout {
  let isAlive = true
  socket.on('pong', () => (isAlive = true))
  const beat = setInterval(() => {
    if (!isAlive) {
      socket.terminate()
      return
    }
    isAlive = false
    socket.ping()
  }, everyMs)
  beat.unref()
  return beat
}

function urlsOf(port: number): LoopbackUrls {
  const [http, ws] = [`http://${HOST}:${port}`, `ws://${HOST}:${port}`]
  return {
    spotRest: `${http}/api/v3`,
    usdmRest: `${http}/fapi/v1`,
    usdmData: `${http}/futures/data`,
    spotStreams: `${ws}/streams/spot/ws`,
    usdmStreams: `${ws}/usdm/ws`,
    smartMoneyApi: http,
    status: `${http}/loopback/status`,
  }
}
