import { setTimeout as delay } from 'node:timers/promises'
import { BaleenError, ConfigError, EXIT_CODES } from '../core/errors.js'

/** Where market data and the Smart Money API are asked for, and what time it is there. */
export interface SourceWorld {
  readonly exchange?: { readonly spotRest: string; readonly usdmRest: string; readonly usdmData: string }
  readonly smartMoneyApi: string
  /** UTC ms. */
  readonly now: () => number
  /** Waits so long by that clock. */
  readonly pause: (durationMs: number, signal?: AbortSignal) => Promise<void>
  /** Kept with every row. */
  readonly flags: readonly string[]
  readonly source?: string
  /** Of a loopback world. */
  readonly instruments?: readonly string[]
}

/** The public addresses, and this machine's clock. */
export const REAL_WORLD: SourceWorld = {
  smartMoneyApi: 'https://api.smartmoneyapi.com',
  now: () => Date.now(),
  pause: (durationMs, signal) => paused(durationMs, signal),
  flags: [],
}

/** Node's timers overflow at 2³¹ ms. */
const LONGEST_PAUSE_MS = 2 ** 31 - 1

async function paused(durationMs: number, signal?: AbortSignal): Promise<void> {
  const realMs = Math.min(LONGEST_PAUSE_MS, Math.max(0, durationMs))
  await delay(realMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}

interface Status {
  readonly world: string
  readonly synthetic: boolean
  readonly now: number
  readonly speed: number
  readonly instruments: readonly string[]
}

/** A world of `baleen simulate serve`, its addresses and its clock. Throws ConfigError for an address that is not this machine's; BaleenError where nobody answers. */
export async function loopbackWorld(address: string): Promise<SourceWorld> {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'http:' || url.hostname !== '127.0.0.1')
    throw new ConfigError('must be the address of a world on this machine, such as http://127.0.0.1:8080', { field: '--loopback', value: address }) // prettier-ignore
  const base = url.origin
  const asked = performance.now()
  const status = await statusOf(`${base}/loopback/status`)
  const { now, speed } = status
  // Never behind the world's own clock, so that nothing it tells lies in the future.
  const clock = (): number => Math.floor(now + (performance.now() - asked) * speed)
  return {
    exchange: { spotRest: `${base}/api/v3`, usdmRest: `${base}/fapi/v1`, usdmData: `${base}/futures/data` },
    smartMoneyApi: base,
    now: clock,
    pause: (durationMs, signal) => paused(durationMs / Math.max(speed, 1e-9), signal),
    flags: status.synthetic ? ['synthetic'] : [],
    source: `loopback: ${status.world}`,
    instruments: status.instruments,
  }
}

async function statusOf(url: string): Promise<Status> {
  try {
    return (await (await fetch(url)).json()) as Status
  } catch (error) {
    throw new BaleenError(`no world answers there: ${error instanceof Error ? error.message : String(error)}; baleen simulate serve starts one`, EXIT_CODES.network, { field: '--loopback', value: url }) // prettier-ignore
  }
}
