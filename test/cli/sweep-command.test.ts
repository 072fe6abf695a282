import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backtestWords } from '../../src/cli/sweep-options.js'
import { durationText } from '../../src/cli/sweep-progress.js'
import { formatValue } from '../../src/metrics/format.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { killedSweep, prepareKillGround, type KillGround } from './killed-sweep.js'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-sweep-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = (...words: string[]): Promise<Answer> => baleenHere(folder, words)
const json = (answer: Answer): Record<string, never> => JSON.parse(answer.stdout) as Record<string, never>

const BTC = ['-i', 'synthetic:BTCUSDT-PERP']
const SWEEP = ['sweep', 'sma-cross', ...BTC, '--sampler', 'sobol', '--trials', '40', '--generation', '16', '--constraint', 'fast<slow'] // prettier-ignore
let grounds: readonly KillGround[]
/** The backtest of the best trial. */
let bestRun = ''

beforeAll(async () => {
  grounds = await prepareKillGround(folder)
})

describe('sweep', () => {
  it('prints the best trials, the verdict with what is short, and a command that gives the best again', async () => {
    const told = await baleen(folder, SWEEP)
    expect([told.code, told.code === 0 ? '' : told.stderr]).toEqual([0, ''])
    expect(told.stdout).toMatch(/^sma-cross {2}SYNTHETIC DATA/)
    expect(told.stdout).toMatch(/40 trials by sobol, seed 0, ranked by sharpe/)
    expect(told.stdout).toMatch(/Verdict: (not yet|no)/)
    expect(told.stdout).toMatch(/checks passed +6 +at least 6 +yes/)
    expect(told.stdout).toContain('It begins with this sweep')
    expect(told.stderr).toMatch(/40 trials at most .*SYNTHETIC DATA/)
    expect(told.stderr).toMatch(
      /^Took \d+ s: trials \d+ s, counting trials \d+ s, ranking trials \d+ s, replaying the best trial \d+ s, checking its code \d+ s, .*measuring luck \d+ s/m,
    )

    const again = await run(...SWEEP, '--json')
    const { existed, backtestCommand, result } = json(again) as unknown as {
      existed: boolean
      backtestCommand: string
      result: {
        best: { statistics: { sharpe: { value: number }; trades: { value: number } } }[]
        ledger: object
        id: string
        judgement?: { verdict: { verdict: string } }
      }
    }
    expect(existed).toBe(true)
    expect(told.stdout).toContain(backtestCommand)
    const page = /^Page (.+)$/m.exec(told.stdout)?.[1] ?? ''
    const html = readFileSync(join(folder, page), 'utf8')
    expect(html).toContain(backtestCommand)
    expect(html).toContain(`>${formatValue(result.best[0]!.statistics.sharpe.value, 'ratio')}</dd>`)
    const made = await run('sweeps', 'page', 'latest', '--out', 'pages/memo.html')
    expect([made.code, made.stdout]).toEqual([0, 'pages/memo.html\n'])
    expect(readFileSync(join(folder, 'pages/memo.html'), 'utf8')).toBe(html)
    const backtest = await run(...backtestCommand.split(' ').slice(1), '--json')
    expect([backtest.code, backtest.code === 0 ? '' : backtest.stderr]).toEqual([0, ''])
    const { metrics, result: replayed } = json(backtest) as unknown as {
      metrics: { sections: { metrics: { key: string; value: number }[] }[] }
      result: { trades: number }
    }
    const sharpe = metrics.sections.flatMap((section) => section.metrics).find(({ key }) => key === 'sharpe')
    expect(sharpe?.value).toBeCloseTo(result.best[0]?.statistics.sharpe.value ?? NaN, 10)
    expect(replayed.trades).toBe(result.best[0]?.statistics.trades.value)
    bestRun = (json(backtest) as unknown as { runId: string }).runId
    // The run says what the sweep said of it, and so does its report.
    const { sweepVerdict, warnings, page: report } = json(backtest) as unknown as { sweepVerdict: { sweepId: string; verdict: { verdict: string } }; warnings: string[]; page: string } // prettier-ignore
    expect([sweepVerdict.sweepId, sweepVerdict.verdict.verdict]).toEqual([
      result.id,
      result.judgement?.verdict.verdict,
    ])
    expect(warnings[0]).toMatch(
      /^Chosen as the best of 40 trials of sma-cross-[0-9a-f]{12}, whose verdict is "(no|not yet)"/,
    )
    expect(readFileSync(join(folder, report), 'utf8')).toMatch(/<h3>Verdict: (no|not yet)<\/h3>/)
  })

  it('and the backtest of the best are one trial to the ledger, another backtest is one more', async () => {
    const trials = async (): Promise<number> => {
      const shown = json(await run('ledger', 'show', '--json')) as unknown as {
        strategies: { trials: number }[]
      }
      return shown.strategies[0]?.trials ?? NaN
    }
    const before = await trials()
    expect(before).toBeGreaterThan(20)
    expect((await run('backtest', 'sma-cross', ...BTC, '--fee', '0.0007')).code).toBe(0)
    expect(await trials()).toBe(before + 1)
    expect((await run('backtest', 'sma-cross', ...BTC, '--fee', '0.0007')).code).toBe(0)
    expect(await trials()).toBe(before + 1)
    expect((await run('ledger', 'verify')).stdout).toMatch(/records, the chain is whole/)
  })

  it('whose verdict does not count what was tried since opens no gate of a promotion, until it is judged again', async () => {
    const promote = (): Promise<Answer> => run('promote', bestRun, '--to', 'paper', '--key', join(folder, 'keys'))
    const refused = await promote()
    expect(refused.code).toBe(4)
    expect(refused.stdout).toMatch(/trials counted since the verdict +1 +none +no/)
    expect(refused.stdout).toMatch(/1 trial has been counted since sma-cross-[0-9a-f]{12} was judged on \d+; judge it again by asking the same once more: baleen sweep sma-cross .*--generation 16/)
    const again = await run(...SWEEP)
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^Judging this sweep again: the ledger counts \d+ trials now, \d+ when this sweep was judged$/m)])
    expect(again.stderr).not.toMatch(/Judging: again|, again/)
    const promoted = await promote()
    expect([promoted.code, promoted.stdout]).toEqual([0, expect.stringMatching(/trials counted since the verdict +0 +none +yes/)])
  }) // prettier-ignore

  it('is listed, shown and removed', async () => {
    const [listed] = json(await run('sweeps', 'list', '--json')) as unknown as { id: string; verdict: string; synthetic: boolean }[] // prettier-ignore
    expect(listed).toMatchObject({ synthetic: true, verdict: expect.stringMatching(/not yet|no/) as string })
    const shown = await run('sweeps', 'show', 'latest')
    expect(shown.stdout).toContain('fast=')
    expect(shown.stdout).toContain('Verdict:')
    expect((await run('sweeps', 'rm', listed!.id)).stderr).toMatch(/say --yes/)
    expect((await run('sweeps', 'rm', listed!.id.slice(-12), '--yes')).code).toBe(0)
    expect((await run('sweeps', 'show', listed!.id)).stderr).toMatch(/there is no such sweep/)
  })

  it('can be planned, run in chunks and collected', async () => {
    const planned = json(await run('sweep', 'plan', ...SWEEP.slice(1), '--seed', '5', '--json')) as unknown as { sweepId: string; chunks: number } // prettier-ignore
    expect(planned.chunks).toBe(3)
    const early = await run('sweep', 'collect', planned.sweepId)
    expect([early.code, early.stderr]).toEqual([3, expect.stringMatching(/3 chunks are missing: 0, 1, 2/)])
    const other = await run('sweep', 'run-chunk', planned.sweepId, '0', '--seed', '6')
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/was settled when the sweep was planned .*--seed/)]) // prettier-ignore
    const resumed = await run('sweep', 'run-chunk', planned.sweepId, '0', '--resume')
    expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringMatching(/not needed: a chunk is stored whole or not at all.* --resume/)]) // prettier-ignore
    const opened = await run('sweep', 'collect', planned.sweepId, '--executor', 'bullmq')
    expect([opened.code, opened.stderr]).toEqual([2, expect.stringMatching(/chunks are run by this machine and need no queue.* --executor/)]) // prettier-ignore
    expect((await run('sweeps', 'show', planned.sweepId)).stdout).toMatch(
      /Go on with: baleen sweep sma-cross .*--resume/,
    )
    for (const chunk of [2, 0, 1]) expect((await run('sweep', 'run-chunk', planned.sweepId, String(chunk))).code).toBe(0) // prettier-ignore
    const collected = await run('sweep', 'collect', planned.sweepId)
    expect(collected.stdout).toMatch(/40 trials by sobol, seed 5/)
  })

  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a constraint of unknown names',
      ['--constraint', 'trade>=30'],
      /trade is neither a param .* nor a statistic/,
    ],
    ['a constraint that is none', ['--constraint', 'fast=slow'], /a constraint is fast<slow/],
    ['an unknown objective', ['--objective', 'luck'], /no such objective; there are totalReturn/],
    ['an unknown sampler', ['--sampler', 'genetic'], /no such sampler; there are grid, random, sobol, tpe/],
    ['a range that is none', ['-p', 'fast=5:x'], /a search is fast=5:50:5/],
    ['an unknown param', ['-p', 'fist=5:50:5'], /fist/],
    ['no trials', ['--trials', '0'], /must be at least 1/],
    ['too few random entries to say anything', ['--random-entry-replicates', '18'], /must be 19 to 999/],
    ['no threads', ['--jobs', '0'], /must be at least 1/],
    ['finer candles', ['--detail', '1m'], /trials do not read finer candles/],
  ]
  it.each(refusals)('refuses %s', async (_what, words, text) => {
    const answer = await baleenHere(folder, ['sweep', 'sma-cross', ...BTC, ...words])
    expect([answer.code, answer.stdout]).toEqual([2, ''])
    expect(answer.stderr).toMatch(text)
  })

  it.each(['sweep', 'sweep plan', 'sweep run-chunk', 'sweep collect', 'sweeps rm', 'ledger verify'])(
    'explains %s',
    async (words) => {
      const help = await baleenHere(folder, [...words.split(' '), '--help'])
      expect(help.code).toBe(0)
      expect(help.stdout).toMatch(/Examples?:\n {2}baleen /)
      expect(help.stdout).not.toContain('--detail')
    },
  )
})

describe('a sweep that is killed', () => {
  it('with SIGKILL at random moments goes on to the bytes of one that was not, with a whole ledger', async () => {
    const random = seededRandom(1)
    for (const [at, ground] of grounds.entries()) {
      const kills = [0.35, 0.7].map(
        (part) => part * ground.wallMs + drawBelow(random, Math.ceil(ground.wallMs / 4)),
      )
      const { problem } = await killedSweep(ground, join(folder, `killed-${at}`), kills, 1 + at)
      expect(problem).toBeUndefined()
    }
  })
})

describe('a ledger that was tampered with', () => {
  it('fails its check and is named in the verdict', async () => {
    expect((await run(...SWEEP, '--seed', '12')).code).toBe(0)
    const file = join(folder, '.baleen/ledger/trials.jsonl')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.split('\n').slice(1).join('\n'))
    const verified = await run('ledger', 'verify')
    expect([verified.code, verified.stderr]).toEqual([4, expect.stringMatching(/line 1 .*does not follow/)])
    const told = await run(...SWEEP, '--seed', '11')
    expect(told.stdout).toMatch(/The ledger cannot be trusted: line 1/)
    expect(told.stdout).toMatch(/deflated Sharpe +n\/a/)
    expect(told.stdout).not.toContain('It begins with this sweep')
    expect(readdirSync(join(folder, '.baleen/ledger'))).toContain('trials.jsonl')
  })
})

describe('the words of a sweep', () => {
  it.each([
    ['sweep x -p fast=2:9 -pslow=9 --param=mode=a --trials 5 --fee 0.001 --json', 'backtest x --fee 0.001'],
    [
      '--data d sweep ./x.ts --sampler=tpe --constraint trades>=3 -S fillAt=same-close --resume',
      '--data d backtest ./x.ts -S fillAt=same-close',
    ],
    ['sweep plan x --generation 9 -i a -i b --seed 3', 'backtest x -i a -i b'],
  ])('%s become those of a backtest', (words, expected) => {
    expect(backtestWords(words.split(' ')).join(' ')).toBe(expected)
  })

  it('say times as people do', () => {
    expect([0, 59.6, 61, 3_600, 7_384].map(durationText)).toEqual(['0 s', '1 min 00 s', '1 min 01 s', '1 h 00 min', '2 h 03 min']) // prettier-ignore
  })
})
