import { readFile } from 'node:fs/promises'

/** One time that a session was run, as its log tells. Times by this machine's clock, UTC ms. */
export interface LoggedLife {
  readonly startedAt: number
  /** Rows that were there already. */
  readonly recovered: number
  /** Close of the last bars that had been decided on by then; −Infinity for none. */
  readonly lastDecided: number
  /** Whether the log says how it ended. Without, the process was killed, the power was lost, or it still runs. */
  hasEnd: boolean
}

/** What the log of a session tells that its journal does not. It is no part of any chain: whoever writes to the folder can write here. */
export interface SessionLog {
  readonly lives: readonly LoggedLife[]
  /** When something went wrong, or the session was started. */
  readonly troubles: readonly number[]
  /** When each close was told of, by its time. */
  readonly closes: ReadonlyMap<number, number>
  /** It reaches back to the session's very start. */
  readonly isWhole: boolean
}

/** Reads `log.1.jsonl` and `log.jsonl` of a session; undefined where there is neither. Lines that are no JSON were torn: they tell nothing. */
export async function readSessionLog(path: string): Promise<SessionLog | undefined> {
  const texts = await Promise.all([path.replace(/\.jsonl$/, '.1.jsonl'), path].map(textOf))
  if (texts.every((text) => text === undefined)) return undefined
  return sessionLog(texts.flatMap((text) => text?.split('\n') ?? []))
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

interface LogLine {
  readonly at: number
  readonly event: string
  readonly time?: number
  readonly recovered?: number
  /** JSON has no word for −Infinity. */
  readonly lastDecided?: number | string
}

/** The same from its lines. */
export function sessionLog(lines: readonly string[]): SessionLog {
  const lives: LoggedLife[] = []
  const troubles: number[] = []
  const closes = new Map<number, number>()
  let first: LogLine | undefined
  for (const text of lines) {
    const line = parse(text)
    if (line === undefined) continue
    first ??= line
    const { at, event, time, recovered = 0, lastDecided } = line
    if (event === 'start' || event === 'error') troubles.push(at)
    if (event === 'start') lives.push({ startedAt: at, recovered, lastDecided: typeof lastDecided === 'number' ? lastDecided : -Infinity, hasEnd: false }) // prettier-ignore
    if (event === 'close' && time !== undefined && !closes.has(time)) closes.set(time, at)
    const life = lives.at(-1)
    if (life !== undefined && (event === 'end' || event === 'failed')) life.hasEnd = true
  }
  return { lives, troubles, closes, isWhole: first?.event === 'start' && first.recovered === 0 }
}

function parse(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogLine> | null
    return typeof line?.at === 'number' && typeof line.event === 'string' ? (line as LogLine) : undefined
  } catch {
    return undefined
  }
}

/** Forced restarts: lives that ended without a word, each followed by one that took over what was there and decided on closes after it. `lastClose`: of the session, UTC ms. */
export function forcedRestarts(
  { lives }: SessionLog,
  lastClose: number,
  fromTime: number = -Infinity,
): number {
  return lives.filter((life, at) => {
    const before = lives[at - 1]
    const isForced = before?.hasEnd === false && life.recovered > 0
    return isForced && lastClose > life.lastDecided && life.startedAt > fromTime
  }).length
}

/** Whether the log has a reason for a close that was late: something that went wrong, or a start, after the close and before its data were told. */
export function hasReason({ troubles, closes }: SessionLog, closeTime: number, toldWith: number): boolean {
  const toldAt = closes.get(toldWith)
  return toldAt !== undefined && troubles.some((at) => at > closeTime && at <= toldAt)
}
