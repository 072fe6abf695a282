import { formatValue } from '../metrics/format.js'
import { paretoFront } from '../research/sweep/pareto-front.js'
import { seededSample } from '../research/sweep/seeded-sample.js'
import { safe, type Markup } from './markup.js'
import { vegaChart, type PageKit } from './page/index.js'
import { bestTrial, completeTrials, objectiveText, objectiveValue, paramWords, type CompleteTrial, type SweepReport, type SweepTrial } from './sweep-report.js' // prettier-ignore

/** Points that a chart of single trials holds beside the front, and of the front itself. */
const MOST_POINTS = 1_500
const MOST_STEPS = 300

type Kind = 'on the front' | 'beaten by another' | 'may not be chosen'
const LOOKS: readonly { readonly kind: Kind; readonly colour: string; readonly shape: string; readonly size: number; readonly opacity: number }[] = [
  { kind: 'on the front', colour: 'var(--strategy)', shape: 'circle', size: 55, opacity: 1 },
  { kind: 'beaten by another', colour: 'var(--soft)', shape: 'circle', size: 20, opacity: 0.4 },
  { kind: 'may not be chosen', colour: 'var(--loss)', shape: 'cross', size: 32, opacity: 0.65 },
] // prettier-ignore

/** The front of the complete trials: which give the most of the objective for the drawdown that they ask one to bear. */
export interface ObjectiveFront {
  /** All of them, in order of rising drawdown. */
  readonly trials: readonly CompleteTrial[]
  /** The first of each set with the same objective and drawdown: trials that params do not tell apart. */
  readonly distinct: readonly CompleteTrial[]
}

/** Trials that may be chosen and that no other of them beats: higher in the objective and no deeper in drawdown, or the other way round. O(n log n). */
export function objectiveFront(complete: readonly CompleteTrial[]): ObjectiveFront {
  const losses = complete.map(({ statistics }) => statistics.maxDrawdown.value ?? NaN)
  const front = paretoFront(complete.map(({ score }) => score), losses) // prettier-ignore
  const trials = front.map((at) => complete[at]!)
  const isNew = (at: number): boolean => {
    const [now, before] = [front[at]!, front[at - 1]]
    return before === undefined || complete[now]!.score !== complete[before]!.score || losses[now] !== losses[before] // prettier-ignore
  }
  return { trials, distinct: trials.filter((_, at) => isNew(at)) }
}

/** The objective against the maximum drawdown, the front of the trials that may be chosen above all others. */
export function frontChart(kit: PageKit, report: SweepReport): Markup {
  const { objective, seed, trials } = report
  const complete = completeTrials(report)
  if (complete.length === 0) return safe`<p>No trial is complete: there is no front.</p>`
  if (objective.key === 'maxDrawdown') return safe`<p>The objective is the drawdown itself: it has no front against itself.</p>` // prettier-ignore
  const unknownDepth = complete.find(({ statistics }) => statistics.maxDrawdown.value === undefined)
  if (unknownDepth !== undefined) return safe`<p>Front: n/a (the drawdown of trial ${unknownDepth.number} is not known).</p>` // prettier-ignore
  const { trials: front, distinct } = objectiveFront(complete)
  const numbers = new Set(front.map(({ number }) => number))
  const barred = trials.filter((trial) => trial.status !== 'complete' && trial.score !== undefined && trial.statistics?.maxDrawdown.value !== undefined) // prettier-ignore
  const others = [...complete.filter(({ number }) => !numbers.has(number)), ...barred]
  const drawn = seededSample(others.length, MOST_POINTS, seed, 4).map((at) => others[at]!)
  const steps = thinned(distinct, MOST_STEPS)
  const point = (trial: SweepTrial, kind: Kind): object => ({
    kind,
    depth: trial.statistics!.maxDrawdown.value!,
    value: objectiveValue(objective, trial.score!),
    text: objectiveText(objective, trial.score!),
    fall: formatValue(trial.statistics!.maxDrawdown.value!, 'fraction'),
    params: `${trial.number}: ${paramWords(report, trial.point)}`,
    why: trial.reason ?? kind,
  })
  const onFront = steps.map((trial) => point(trial, 'on the front'))
  const beside = drawn.map((trial) => point(trial, trial.status === 'complete' ? 'beaten by another' : 'may not be chosen')) // prettier-ignore
  const looks = LOOKS.filter(({ kind }) => kind === 'on the front' || drawn.some((trial) => (trial.status === 'complete') === (kind === 'beaten by another'))) // prettier-ignore
  const kinds = looks.map(({ kind }) => kind)
  const best = bestTrial(report)!
  const x = { field: 'depth', type: 'quantitative', scale: { zero: false, padding: 8 }, axis: { title: 'Maximum drawdown, on bar closes', format: '~%', grid: true, tickCount: 6 } } // prettier-ignore
  const y = { field: 'value', type: 'quantitative', scale: { zero: false, padding: 8, ...(objective.best === 'lowest' && { reverse: true }) }, axis: { title: objective.key, tickCount: 6 } } // prettier-ignore
  const tooltip = [{ field: 'params', title: 'Trial' }, { field: 'text', title: objective.key }, { field: 'fall', title: 'Drawdown' }, { field: 'why', title: 'It is' }] // prettier-ignore
  return vegaChart(kit, {
    title: `${objective.key} against maximum drawdown`,
    note: noteOf(report, { front, distinct, steps, others, drawn, barred }),
    spec: {
      width: 'container',
      height: 320,
      layer: [
        {
          data: { values: [...beside, ...onFront] },
          mark: { type: 'point', filled: true, strokeWidth: 1.2 },
          encoding: {
            x,
            y,
            color: { field: 'kind', type: 'nominal', scale: { domain: kinds, range: looks.map(({ colour }) => colour) }, legend: { title: null, orient: 'top', columns: 2 } },
            shape: { field: 'kind', type: 'nominal', scale: { domain: kinds, range: looks.map(({ shape }) => shape) } },
            size: { condition: looks.map(({ kind, size }) => ({ test: `datum.kind === '${kind}'`, value: size })), value: 0 },
            opacity: { condition: looks.map(({ kind, opacity }) => ({ test: `datum.kind === '${kind}'`, value: opacity })), value: 0 },
            tooltip,
          },
        },
        {
          data: { values: onFront },
          mark: { type: 'line', interpolate: 'step-after', color: 'var(--strategy)', strokeWidth: 1.5, tooltip: null },
          encoding: { x, y, order: { field: 'depth' } },
        },
        { data: { values: [point(best, 'on the front')] }, mark: { type: 'point', filled: false, size: 150, stroke: 'var(--ink)', strokeWidth: 2, tooltip: null }, encoding: { x, y } },
      ],
    },
  }) // prettier-ignore
}

interface Drawn {
  readonly front: readonly CompleteTrial[]
  readonly distinct: readonly CompleteTrial[]
  readonly steps: readonly CompleteTrial[]
  readonly others: readonly SweepTrial[]
  readonly drawn: readonly SweepTrial[]
  readonly barred: readonly SweepTrial[]
}

function noteOf({ counts, trials }: SweepReport, { front, distinct, steps, others, drawn, barred }: Drawn): string {
  const number = (value: number): string => formatValue(value, 'count')
  const absent = trials.length - counts.complete - barred.length
  return [
    `${number(front.length)} of ${number(counts.complete)} complete trials ${front.length === 1 ? 'is' : 'are'} on the front${distinct.length < front.length ? `, at ${number(distinct.length)} points, since some give the same twice` : ''}: no other has both a better objective and no deeper a drawdown.`,
    'All others that may be chosen are grey: whatever one wants of the two, a trial on the front gives more of it. The ring is the best by the objective alone.',
    ...(barred.length > 0 ? [`${number(barred.length)} that may not be chosen, since they break a constraint, are crosses and never on the front.`] : []),
    ...(absent > 0 ? [`${number(absent)} have no objective, and no place here.`] : []),
    ...(steps.length < distinct.length ? [`Of the front ${number(steps.length)} points are drawn, evenly chosen.`] : []),
    ...(drawn.length < others.length ? [`Beside the front ${number(drawn.length)} of ${number(others.length)} trials are drawn, a sample by the seed.`] : []),
    'A front is chosen after the fact like any best: it is no protection against luck.',
  ].join(' ')
} // prettier-ignore

/** At most so many, evenly chosen, the first and the last among them. */
function thinned<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, at) => all[Math.round((at * (all.length - 1)) / (most - 1))]!)
}
