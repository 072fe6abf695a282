import { durationName, formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { ComparedRun } from './comparison.js'

/** Whether figures of runs may stand beside each other, and what to know where they may not. */
export interface Doubts {
  /** The same data, instruments, timeframe and period: what differs comes from what was set or from the code. */
  readonly isComparable: boolean
  /** All on synthetic data or all on recorded ones. */
  readonly sameOrigin: boolean
  /** The same starting balance and quote asset. */
  readonly sameMoney: boolean
  /** Gravest first. */
  readonly warnings: readonly string[]
}

/** Days under which figures of a common period are hardly worth a look. */
const SHORT_DAYS = 30

/** `A`, `B`, …: how runs are called in tables. */
export function runLetter(index: number): string {
  return String.fromCharCode(65 + index)
}

/** `A, C and D` of the runs for which something holds. */
function named(runs: readonly ComparedRun[], does: (run: ComparedRun) => boolean): string {
  const letters = runs.flatMap((run, index) => (does(run) ? [runLetter(index)] : []))
  return letters.length < 2 ? letters.join('') : `${letters.slice(0, -1).join(', ')} and ${letters.at(-1) ?? ''}`
} // prettier-ignore

/** `1h (A and B); 4h (C)`: who has which value. */
function who(runs: readonly ComparedRun[], value: (run: ComparedRun) => string): string {
  const values = [...new Set(runs.map(value))]
  return values.map((one) => `${one} (${named(runs, (run) => value(run) === one)})`).join('; ')
}

export function comparisonDoubts(runs: readonly ComparedRun[]): Doubts {
  const same = (value: (run: ComparedRun) => string | number | boolean): boolean => new Set(runs.map(value)).size === 1 // prettier-ignore
  const instruments = (run: ComparedRun): string => run.instruments.map(({ id }) => id).sort().join(', ') // prettier-ignore
  const quotes = (run: ComparedRun): string => [...new Set(run.instruments.map(({ quote }) => quote))].sort().join(', ') // prettier-ignore
  const period = ({ startTime, endTime }: ComparedRun): string => `${formatUtc(startTime)} to ${formatUtc(endTime)}` // prettier-ignore
  const timeframe = ({ timeframeMs }: ComparedRun): string => durationName(timeframeMs)
  const sameOrigin = same(({ synthetic }) => synthetic)
  const [sameData, samePeriod] = [same(({ dataHash }) => dataHash), same(period)]
  const [sameInstruments, sameTimeframe] = [same(instruments), same(timeframe)]
  const sameQuote = same(quotes)
  const sameBalance = same(({ startingBalance }) => startingBalance)
  const warnings: string[] = []
  if (!sameOrigin)
    warnings.push(`SYNTHETIC AGAINST RECORDED: ${named(runs, ({ synthetic }) => synthetic)} ran on synthetic data, ${named(runs, ({ synthetic }) => !synthetic)} on recorded ones. Their results cannot be compared.`) // prettier-ignore
  else if (runs[0]?.synthetic === true)
    warnings.push('SYNTHETIC DATA: invented prices and facts. Nothing here says anything about a real market.') // prettier-ignore
  if (!samePeriod) warnings.push(...periodWarnings(runs, period))
  if (!sameInstruments) warnings.push(`Different instruments: ${who(runs, instruments)}.`)
  if (!sameData && sameInstruments)
    warnings.push(`The runs did not read the same data (${who(runs, ({ dataHash }) => dataHash.slice(0, 12))}): a difference may come from the data alone.`) // prettier-ignore
  if (!sameTimeframe) warnings.push(`Different timeframes: ${who(runs, timeframe)}.`)
  if (!sameQuote) warnings.push(`Accounts in different assets: ${who(runs, quotes)}. Sums of money cannot be compared.`) // prettier-ignore
  if (!sameBalance)
    warnings.push(`Different starting balances: ${who(runs, ({ startingBalance }) => formatValue(startingBalance, 'money'))}. Sums of money cannot be compared, and minimum sizes weigh differently; curves are shares of each balance.`) // prettier-ignore
  if (!same(({ decisionCode }) => decisionCode))
    warnings.push(`Made by different code (${who(runs, ({ decisionCode }) => decisionCode.slice(0, 12))}): a run's strategy and the engine are part of it.`) // prettier-ignore
  warnings.push(...fewTrades(runs))
  if (runs.length > 2)
    warnings.push(`The best of ${runs.length} is chosen in hindsight: the more runs are looked at, the better the best one looks by luck alone.`) // prettier-ignore
  const isComparable = sameOrigin && samePeriod && sameInstruments && sameData && sameTimeframe
  return { isComparable, sameOrigin, sameMoney: sameBalance && sameQuote, warnings }
}

function periodWarnings(runs: readonly ComparedRun[], period: (run: ComparedRun) => string): string[] {
  const start = Math.max(...runs.map(({ startTime }) => startTime))
  const end = Math.min(...runs.map(({ endTime }) => endTime))
  const periods = `Different periods (UTC): ${who(runs, period)}.`
  const days = (end - start) / 86_400_000
  if (days <= 0) return [`${periods} They have no time in common: no curve, no correlation and no figure of theirs can be compared.`] // prettier-ignore
  const few = days < SHORT_DAYS ? ' That is too short to tell skill from luck.' : ''
  return [`${periods} Curves and the figures of the common period are cut to ${formatUtcDay(start)} to ${formatUtcDay(end)} (${formatValue(days, 'days')}); all other figures are of each run's own period and are not ranked.${few}`] // prettier-ignore
}

const FEW_TRADES = 30

function fewTrades(runs: readonly ComparedRun[]): string[] {
  const few = named(runs, ({ trades }) => trades.length < FEW_TRADES)
  return few === '' ? [] : [`Fewer than ${FEW_TRADES} trades: ${few}. A difference of a few trades decides every figure.`] // prettier-ignore
}
