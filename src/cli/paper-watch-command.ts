import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { CheckError, ConfigError } from '../core/errors.js'
import { formatUtc, parseDuration } from '../core/time.js'
import { HOST, requireLoopback } from '../monitor/access.js'
import { alertContext, missingReport } from '../monitor/alert-context.js'
import { Alerter, deliver, type Delivery } from '../monitor/alerts/alerter.js'
import { messageOf, redactor } from '../monitor/alerts/message.js'
import { alertsOf } from '../monitor/alerts/rules.js'
import { ALERTS_FILE, NO_ALERTS, readAlertSettings, type AlertSettings } from '../monitor/alerts/settings.js'
import { serveStatus, type StatusServer } from '../monitor/server.js'
import { SessionWatch } from '../monitor/session-view.js'
import { statusOf } from '../monitor/status-tables.js'
import { table } from '../report/index.js'
import { DEFAULT_SESSIONS_FOLDER, findSession } from '../runner/session-folder.js'
import { wholeNumber } from './arguments.js'
import { ioOf, printable, type Io } from './io.js'
import { MACHINE, writeDailyReport } from './paper-report-command.js'
import { SESSION_ARGUMENT } from './paper-stop-commands.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'
import { untilSignal } from './until-signal.js'

interface Flags {
  readonly sessions: string
  readonly runs: string
  readonly data: string
  readonly every: string
  readonly host: string
  readonly port?: number
  readonly alerts?: string
}

const TOKEN_VARIABLE = 'BALEEN_TOKEN'

/** `paper watch`, `paper serve`, `paper alert-test`. */
export function addPaperWatchCommands(paper: Command): void {
  const onSession = (name: string, about: string): Command =>
    paper
      .command(name)
      .description(about)
      .argument('<session>', SESSION_ARGUMENT)
      .option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER)
  const served = `The page, /metrics for Prometheus, /healthz (200 while the session gets on, else 503) and /session.json are served on ${HOST}, for whoever has the token. The token is
taken from ${TOKEN_VARIABLE} where that is set, else made anew and printed.`
  onSession('watch', 'watch a session from a process of its own: alerts, the report of each day that is over, the status page')
    .option('--alerts <file>', `settings of alerts (default: ${ALERTS_FILE} where there is one)`)
    .option('--every <duration>', 'how often to look', '5s')
    .option('--port <number>', 'serve the status page at this port, 0 for any', wholeNumber)
    .option('--host <address>', 'of this machine alone', HOST)
    .option('--runs <dir>', 'folder of the stored runs, for daily reports', DEFAULT_RUNS_FOLDER)
    .addHelpText(
      'after',
      `
It reads the session's files and asks the session nothing, so that it sees when the runner is dead, hangs or is late. Sending an alert keeps nothing from being traded.
${served}

Examples:
  baleen paper watch latest --alerts baleen.alerts.json
  baleen paper watch sma-cross-1f0c9a7be24d --port 9101 --json`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      await watch(ioOf(command), await findSession(flags.sessions, name), flags)
    })
  onSession('serve', 'the status page of a session, its metrics and its health, on this machine')
    .option('--port <number>', '0 for any that is free', wholeNumber, 0)
    .option('--host <address>', 'of this machine alone', HOST)
    .addHelpText('after', `\n${served}\n\nExamples:\n  baleen paper serve latest\n  BALEEN_TOKEN=… baleen paper serve latest --port 9101`)
    .action(async (name: string, _options: unknown, command: Command) => {
      const { sessions, port, host } = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const session = await SessionWatch.open(sessions, await findSession(sessions, name), MACHINE)
      const look = async (): Promise<ReturnType<typeof statusOf>> => statusOf(await session.look())
      const server = await serve(io, host, { look, port: port ?? 0 })
      const code = await untilSignal()
      await server.close()
      session.close()
      process.exit(code)
    })
  paper
    .command('alert-test')
    .description('send a test message to every channel of the settings of alerts, and say which took it')
    .option('--alerts <file>', 'settings of alerts', ALERTS_FILE)
    .addHelpText('after', '\nExits with 4 where a channel has not taken it.\n\nExample:\n  baleen paper alert-test --alerts baleen.alerts.json')
    .action(async (_options: unknown, command: Command) => {
      const { alerts = ALERTS_FILE } = command.optsWithGlobals<Flags>()
      await alertTest(ioOf(command), readAlertSettings(alerts, process.env))
    })
} // prettier-ignore

async function alertTest(io: Io, { channels, secrets }: AlertSettings): Promise<void> {
  const redact = redactor(secrets)
  const alert = { key: 'test', severity: 'note', title: 'This is a test', detail: 'baleen paper alert-test sent it', time: Date.now(), swallowed: 0 } as const // prettier-ignore
  const message = messageOf('none', { alerts: [alert], dropped: 0 }, redact)
  const deliveries = await deliver(channels, message, redact, false)
  if (io.json) io.printJson({ deliveries })
  else io.printTable(table('Channels', ['Channel', 'Taken', 'Why not'], deliveries.map(({ channel, isTaken, detail }) => [channel, isTaken ? 'yes' : 'no', detail]))) // prettier-ignore
  const failed = deliveries.filter(({ isTaken }) => !isTaken).length
  if (failed > 0)
    throw new CheckError(`${failed} of ${deliveries.length} channels have not taken the message`)
}

function alertSettings(named: string | undefined): AlertSettings {
  if (named !== undefined) return readAlertSettings(named, process.env)
  return existsSync(ALERTS_FILE) ? readAlertSettings(ALERTS_FILE, process.env) : NO_ALERTS
}

async function watch(io: Io, id: string, flags: Flags): Promise<void> {
  const { sessions, runs, data, every, host, port, alerts } = flags
  requireLoopback(host)
  const everyMs = parseDuration(every, '--every')
  const settings = alertSettings(alerts)
  const session = await SessionWatch.open(sessions, id, MACHINE)
  const say = (event: object, text: string): void => {
    if (io.json) process.stdout.write(`${JSON.stringify({ at: Date.now(), ...event })}\n`)
    else io.log(`${formatUtc(Math.floor(Date.now() / 1_000) * 1_000)} ${printable(text)}`)
  }
  if (settings.channels.length === 0) io.log(`No channel of alerts is set: they stand here alone. ${ALERTS_FILE} or --alerts names some (docs/monitoring.md).`) // prettier-ignore
  const told = (delivery: Delivery, subject: string): void =>
    say({ event: 'delivery', ...delivery, subject }, `${delivery.channel}: ${delivery.isTaken ? 'taken' : `not taken (${delivery.detail})`}: ${subject}`) // prettier-ignore
  const alerter = new Alerter(id, settings, steadyClock(), (delivery, { subject }) => told(delivery, subject))
  let known = ''
  const look = async (): Promise<ReturnType<typeof statusOf>> =>
    statusOf(await session.look(), settings.drawdownLimit)
  const step = async (): Promise<void> => {
    const status = await look()
    await makeReport(say, status.view, session, {
      sessions,
      runs,
      data,
      drawdownLimit: settings.drawdownLimit,
    })
    const found = alertsOf(status, await alertContext(status.view, session.session.paths), settings.rules)
    const keys = [status.liveness.state, ...found.map(({ key }) => key)].join('\n')
    if (keys !== known) say({ event: 'state', liveness: status.liveness, alerts: found }, `${status.liveness.state}: ${status.liveness.detail}${found.map(({ severity, title, detail }) => `\n  ${severity.toUpperCase()} ${title}: ${detail}`).join('')}`) // prettier-ignore
    known = keys
    alerter.see(found)
  }
  let server: StatusServer | undefined
  if (port !== undefined) server = await serve(io, host, { look, port, alerts: () => alerter.recent })
  const ended = untilSignal()
  let code: number | undefined
  while (code === undefined) {
    try {
      await step()
    } catch (error) {
      // Whatever it is, it must not end the watching: it is told like all else.
      const detail = error instanceof Error ? error.message : String(error)
      say({ event: 'failed', error: detail }, `the session could not be looked at: ${detail}`)
      alerter.see([
        { key: 'watcher', severity: 'critical', title: 'The session could not be looked at', detail },
      ])
    }
    code = await Promise.race([ended, pause(everyMs)])
  }
  await alerter.flush()
  await server?.close()
  session.close()
  process.exit(code)
}

const tried: Map<string, number> = new Map()
const RETRY_MS = 10 * 60_000

/** Writes the report of the day before where it is not there yet. What goes wrong is said, and tried again later. */
async function makeReport(
  say: (event: object, text: string) => void,
  view: Parameters<typeof missingReport>[0],
  { session }: SessionWatch,
  { sessions, runs, data, drawdownLimit }: { readonly sessions: string; readonly runs: string; readonly data: string; readonly drawdownLimit: number }, // prettier-ignore
): Promise<void> {
  const missing = missingReport(view, session.paths)
  if (missing === undefined || Date.now() - (tried.get(missing.day) ?? -Infinity) < RETRY_MS) return
  tried.set(missing.day, Date.now())
  try {
    const dayStart = Date.parse(`${missing.day}T00:00:00Z`)
    const { page } = await writeDailyReport(sessions, session.settings.id, { runs, data, dayStart, withPage: true, drawdownLimit }) // prettier-ignore
    say({ event: 'report', day: missing.day, page }, `report of ${missing.day}: ${page ?? ''}`)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    say({ event: 'report-failed', day: missing.day, error: words }, `no report of ${missing.day}: ${words}`)
  }
}

type Serving = Pick<Parameters<typeof serveStatus>[0], 'look' | 'port' | 'alerts'>

async function serve(io: Io, host: string, serving: Serving): Promise<StatusServer> {
  requireLoopback(host)
  if (serving.port > 65_535) throw new ConfigError('a port is a whole number up to 65535', { field: '--port', value: serving.port }) // prettier-ignore
  const given = process.env[TOKEN_VARIABLE]
  const token = given ?? randomBytes(24).toString('base64url')
  const server = await serveStatus({ ...serving, token })
  // A token of the environment is known to whoever set it, and stands nowhere else.
  const page = `${server.url}/#token=${given === undefined ? token : ''}`
  if (io.json)
    process.stdout.write(`${JSON.stringify({ event: 'serving', url: server.url, page, pid: process.pid })}\n`) // prettier-ignore
  else
    io.print(
      `Status page: ${page}${given === undefined ? '' : `   (put your token, that of ${TOKEN_VARIABLE}, after #token=)`}\nMetrics: ${server.url}/metrics   Health: ${server.url}/healthz`,
    )
  io.log('Ctrl-C ends it; the session goes on.')
  return server
}

/** UTC ms that never fall: what steps the machine's clock brings forward or back does not reach quiet times. */
function steadyClock(): () => number {
  const [wall, began] = [Date.now(), performance.now()]
  return () => wall + performance.now() - began
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms))
}
