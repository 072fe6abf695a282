import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { DataError } from '../core/errors.js'
import { HOST, isAllowed, isOurs, requireToken } from './access.js'
import { SessionMetrics } from './metrics.js'
import { sessionJson } from './session-json.js'
import { pageShell, pageUpdate, type ShownAlert } from './status-page.js'
import type { SessionStatus } from './status-tables.js'

export interface StatusServerOptions {
  /** Looks at the session; asked at most once a second, however many ask. */
  readonly look: () => Promise<SessionStatus>
  readonly token: string
  /** 0: any that is free. */
  readonly port: number
  /** Newest first. */
  readonly alerts?: () => readonly ShownAlert[]
}

export interface StatusServer {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

const LOOK_MS = 1_000

/**
 * Serves one session on this machine, to be read: `/` (a page that holds nothing until it has the token), `/page.json`, `/session.json`, `/healthz` (200 where the session
 * gets on, else 503), `/metrics`. All but `/` need the token as `Authorization: Bearer`. Whoever names another host or comes from
 * another origin is refused before anything is looked at. Throws DataError where the port is taken.
 */
export async function serveStatus({ look, token, port, alerts = () => [] }: StatusServerOptions): Promise<StatusServer> { // prettier-ignore
  requireToken(token)
  const [{ fastify }, metrics] = await Promise.all([import('fastify'), SessionMetrics.load()])
  const shell = pageShell((text) => createHash('sha256').update(text).digest('base64'))
  const seen = sharedLook(look)
  let bound = port

  const guarded = (handler: (request: IncomingMessage, response: ServerResponse) => void): Server =>
    createServer((request, response) => {
      const { host, origin } = request.headers
      if (isOurs({ host, origin }, bound)) return handler(request, response)
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end('forbidden\n')
    })

  const server = fastify({ serverFactory: guarded, forceCloseConnections: true, bodyLimit: 1_024 })
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': shell.policy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    if (request.routeOptions.url === '/' || request.routeOptions.url === undefined) return
    if (!isAllowed(request.headers.authorization, token))
      return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain; charset=utf-8').send('a token is needed\n')
  })
  server.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain; charset=utf-8').send('not found\n'))
  server.setErrorHandler((_error, _request, reply) => reply.code(500).type('text/plain; charset=utf-8').send('the session could not be looked at\n'))
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(shell.html))
  server.get('/healthz', async (_request, reply) => {
    const { liveness } = await seen()
    return reply.code(liveness.state === 'live' ? 200 : 503).type('text/plain; charset=utf-8').send(`${liveness.state}: ${liveness.detail}\n`)
  })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text(await seen())))
  server.get('/page.json', async () => pageUpdate(await seen(), alerts()))
  server.get('/session.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(sessionJson(await seen())))

  await server.listen({ host: HOST, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    throw new DataError('the port is taken, or not ours to take', { field: '--port', value: port })
  })
  bound = (server.server.address() as { readonly port: number }).port
  return { port: bound, url: `http://${HOST}:${bound}`, close: () => server.close() }
} // prettier-ignore

/** One look for all who ask within a second. */
function sharedLook(look: () => Promise<SessionStatus>): () => Promise<SessionStatus> {
  let last: { readonly at: number; readonly status: Promise<SessionStatus> } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.at > LOOK_MS) last = { at: now, status: look() }
    return last.status
  }
}
