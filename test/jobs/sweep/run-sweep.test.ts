import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/core/canonical-json.js'
import { CheckError, ConfigError, DataError } from '../../../src/core/errors.js'
import { plain, stableJson, type Json } from '../../../src/jobs/json.js'
import { appendToLedger, readLedger } from '../../../src/jobs/ledger.js'
import { generationSize } from '../../../src/jobs/sweep/asked.js'
import { requireMemory } from '../../../src/jobs/sweep/prepare.js'
import { beginSweep, collectChunks, runChunk, runSweep, type FinishedSweep, type SweepProgress } from '../../../src/jobs/sweep/run-sweep.js' // prettier-ignore
import { isBegun } from '../../../src/jobs/sweep/resumed.js'
import { RESULT_SCHEMA } from '../../../src/jobs/sweep/result.js'
import { writeSweepPage } from '../../../src/jobs/sweep/sweep-page.js'
import { openSweep, readSweep } from '../../../src/jobs/sweep/sweep-store.js'
import { hashText } from '../../../src/store/files.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { bytesOf, CROSSES, sweepBench, type SweepBench } from './sweep-bench.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-sweeps-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let bench: SweepBench
beforeAll(async () => {
  bench = await sweepBench(root)
})
const prepared: SweepBench['prepared'] = (...words) => bench.prepared(...words)
const asked: SweepBench['asked'] = (...words) => bench.asked(...words)
const options: SweepBench['options'] = (...words) => bench.options(...words)
const place = (): string => bench.place()

describe.each(['sobol', 'tpe'] as const)('a sweep by %s', (sampler) => {
  let whole: FinishedSweep
  let expected: Record<string, string>
  beforeAll(async () => {
    whole = await runSweep(await prepared(asked(sampler)), options(place()))
    expected = bytesOf(whole)
  })

  it.each([2, 4])('gives the same bytes on %i threads as on one', async (workers) => {
    const again = await runSweep(await prepared(asked(sampler)), options(place(), { workers }))
    expect(bytesOf(again)).toEqual(expected)
  })

  it('that was interrupted after any generation goes on to the same bytes', async () => {
    for (const kept of [0, 1, 3]) {
      const at = place()
      cpSync(join(whole.sweep.folder, '..'), join(at, 'sweeps'), { recursive: true })
      const folder = join(at, 'sweeps', whole.sweep.id)
      for (const name of readdirSync(folder))
        if (name === 'result.json' || (name.endsWith('.parquet') && Number(name.slice(0, 5)) >= kept)) rmSync(join(folder, name)) // prettier-ignore
      writeFileSync(join(folder, '.9.1.tmp'), 'half')
      const ready = await prepared(asked(sampler))
      if (kept > 0)
        await expect(runSweep(ready, options(at))).rejects.toThrow(/was begun, .* go on with --resume/)
      const resumed = await runSweep(ready, options(at, { resume: true }))
      expect(bytesOf(resumed)).toEqual(expected)
    }
  })

  it('that is resumed tells first of all that is stored, then of what is run', async () => {
    const at = place()
    cpSync(join(whole.sweep.folder, '..'), join(at, 'sweeps'), { recursive: true })
    const folder = join(at, 'sweeps', whole.sweep.id)
    for (const name of readdirSync(folder)) if (name === 'result.json' || name.startsWith('00003-')) rmSync(join(folder, name)) // prettier-ignore
    const told: (readonly [number, number])[] = []
    const onProgress = ({ trials, newTrials }: SweepProgress): void => void told.push([trials, newTrials])
    await runSweep(await prepared(asked(sampler)), options(at, { resume: true, onProgress }))
    expect(told).toEqual([[48, 0], [60, 12]]) // prettier-ignore
  })

  it('keeps all trials, failed ones with their reason, and can be read whole', async () => {
    const { rows, result, question } = await readSweep(whole.sweep.folder)
    expect(rows).toHaveLength(60)
    expect(question.asked.sampler).toBe(sampler)
    const failed = rows.filter(({ point }) => point['fast'] === 7)
    expect(failed.length).toBeGreaterThan(0)
    for (const { status, reason } of failed) expect([status, reason]).toEqual(['failed', expect.stringContaining('seven')]) // prettier-ignore
    expect(result?.counts.failed).toBe(failed.length)
    const days = rows.flatMap(({ figures }) => (figures === undefined ? [] : [figures.dailyReturns.length]))
    expect(new Set(days).size).toBe(1)
    const best = rows[result?.best[0]?.number ?? -1]
    expect(best?.score).toBe(Math.max(...rows.map(({ status, score = -Infinity }) => (status === 'complete' ? score : -Infinity)))) // prettier-ignore
  })

  it('is reproduced by a backtest, and says not yet or no without the checks that were not run', () => {
    const { checks, judgement, ledger } = whole.result
    expect(checks[0]).toEqual({ name: 'same result by a backtest', outcome: 'passed' })
    expect(['no', 'not yet']).toContain(judgement?.verdict.verdict)
    const distinct = whole.result.judgement?.assessment.distinct ?? NaN
    expect(ledger.trials).toBe(distinct + ledger.failed)
  })

  it('says by year and by instrument what the best and the middle of a plateau earned, as their backtests have it', async () => {
    const { stability, best, plateau } = whole.result
    if (stability === undefined || 'reason' in stability) throw new Error('it was measured')
    const { rows } = await readSweep(whole.sweep.folder)
    for (const [of, trial] of [[stability.best, best[0]!.number], [stability.centre ?? stability.best, plateau!.centre.trial]] as const) {
      const { statistics, dailyReturns, finalEquity } = rows[trial]!.figures!
      expect(of.trial).toBe(trial)
      expect(of.years.reduce((sum, { trades }) => sum + trades, 0)).toBe(statistics.trades.value)
      expect(of.instruments.map(({ instrument, trades }) => [instrument, trades])).toEqual([['test:AAA', statistics.trades.value]])
      expect(of.instruments[0]!.netProfit).toBeCloseTo(finalEquity - 10_000, 6)
      expect(of.instruments[0]!.winRate.value).toBeCloseTo(statistics.tradeWinRate.value!, 12)
      const growth = of.years.reduce((product, { totalReturn }) => product * (1 + totalReturn.value!), 1)
      expect(growth).toBeCloseTo(dailyReturns.reduce((product, value) => product * (1 + value), 1), 9)
    }
    expect(stability.years.reduce((sum, { days }) => sum + days, 0)).toBe(rows[0]!.figures?.dailyReturns.length ?? 60)
    expect(stability.trials).toBe(whole.result.counts.complete)
  }) // prettier-ignore

  it('asked again is answered from what is stored', async () => {
    const at = join(whole.sweep.folder, '../..')
    // Pages that were on their way: of a process that was killed (no machine has such a number), and of one that lives.
    const [dead, living] = [2 ** 22 + 1, process.pid].map((pid) => join(whole.sweep.folder, `report.html.${pid}-1.tmp`)) as [string, string] // prettier-ignore
    for (const path of [dead, living]) writeFileSync(path, 'half a page')
    const again = await runSweep(await prepared(asked(sampler)), options(at))
    expect(again.existed).toBe(true)
    expect([existsSync(dead), existsSync(living)]).toEqual([false, true])
    rmSync(living)
    expect(canonicalJson(plain(again.result))).toBe(canonicalJson(plain(whole.result)))
    expect(bytesOf(again)).toEqual(expected)
    expect((await readLedger(join(at, 'ledger'))).records).toHaveLength(4)
  })

  it('with a damaged file is refused by its name', async () => {
    const at = place()
    cpSync(whole.sweep.folder, join(at, whole.sweep.id), { recursive: true })
    const [name = ''] = readdirSync(join(at, whole.sweep.id)).filter((one) => one.endsWith('.parquet'))
    const file = join(at, whole.sweep.id, name)
    const bytes = readFileSync(file)
    bytes[statSync(file).size >> 1]! ^= 4
    writeFileSync(file, bytes)
    await expect(readSweep(join(at, whole.sweep.id))).rejects.toThrow(DataError)
    await expect(readSweep(join(at, whole.sweep.id))).rejects.toThrow(name)
    const question = join(at, whole.sweep.id, 'sweep.json')
    writeFileSync(question, readFileSync(question, 'utf8').replace('"seed": 3', '"seed": 4'))
    await expect(openSweep(at, whole.sweep.id)).rejects.toThrow(/the file was changed/)
  })
})

describe('a sweep that was begun', () => {
  it('is not resumed on other data or by another strategy, and says what differs', async () => {
    const at = place()
    const first = await prepared(asked('sobol'))
    const sweep = await beginSweep(first, options(at))
    const other = await prepared(asked('sobol'), await bench.imported(6))
    const resumed = runSweep(other, options(at, { resume: true }))
    await expect(resumed).rejects.toThrow(CheckError)
    await expect(resumed).rejects.toThrow(/other data or code .*data\.hash: ".*" → ".*"/)
    const edited = join(root, 'edited', 'crosses.ts')
    cpSync(bench.strategyFile, edited)
    writeFileSync(edited, CROSSES.replace('f.slow, f.fast', 'f.slow,  f.fast'))
    const bySource = runSweep(
      await prepared(asked('sobol'), bench.data, edited),
      options(at, { resume: true }),
    )
    await expect(bySource).rejects.toThrow(/code\.decision/)
    expect((await sweep.generations()).size).toBe(0)
  })

  it('is not taken for another: a slip in what is asked is refused, with what differs and how to go on', async () => {
    const at = place()
    const { sweepsFolder } = options(at)
    const first = await prepared(asked('sobol'))
    const slip = { ...first.question, asked: asked('sobol', { seed: 4 }) }
    expect(await isBegun(sweepsFolder, first.question)).toBe(false)
    const sweep = await beginSweep(first, options(at))
    expect(await isBegun(sweepsFolder, first.question)).toBe(true)
    const refused = isBegun(sweepsFolder, slip)
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(`${sweep.id} is unfinished and asks something else (seed 3 → 4); go on with that by baleen sweep crosses --resume, or begin this one without --resume`) // prettier-ignore
    // Other ground under the same question is for running it to refuse.
    const moved = { ...first.question, ground: { ...first.question.ground, source: 'edited' } }
    expect(await isBegun(sweepsFolder, moved)).toBe(true)
    const renamed = { ...slip, asked: { ...slip.asked, strategy: { ...slip.asked.strategy, name: 'other' } } }
    expect(await isBegun(sweepsFolder, renamed)).toBe(false)
    writeFileSync(join(sweep.folder, 'result.json'), '')
    expect(await isBegun(sweepsFolder, slip)).toBe(false)
  })

  it('in chunks, in any order and on any threads, is the sweep that runs at once', async () => {
    const [at, elsewhere] = [place(), place()]
    const ready = await prepared(asked('sobol'))
    const planned = await beginSweep(ready, options(at))
    for (const chunk of [3, 0, 2]) await runChunk(ready, planned, chunk, 2)
    await expect(collectChunks(ready, options(at))).rejects.toThrow(/1 chunks are missing: 1/)
    expect(await runChunk(ready, planned, 1, 1)).toMatchObject({ existed: false })
    expect(await runChunk(ready, planned, 1, 1)).toMatchObject({ existed: true })
    await expect(runChunk(ready, planned, 4, 1)).rejects.toThrow(/chunks are 0 to 3/)
    const collected = await collectChunks(ready, options(at))
    expect(bytesOf(collected)).toEqual(bytesOf(await runSweep(ready, options(elsewhere))))
    const tpe = await prepared(asked('tpe'))
    await expect(runChunk(tpe, await beginSweep(tpe, options(at)), 0, 1)).rejects.toThrow(
      /learns from the trials before/,
    )
  })
})

describe('a sweep', () => {
  it('that does not fit the memory is refused before it starts, with what would fit', async () => {
    const ready = await prepared(asked('sobol', { trials: 400 }))
    expect(requireMemory(ready, 1, 8e9).needed).toBeGreaterThan(1e8)
    expect(() => requireMemory(ready, 4, 3e8)).toThrow(ConfigError)
    expect(() => requireMemory(ready, 4, 3e8)).toThrow(/needs about \d+ MB and 300 MB are free: try --jobs 1/)
    expect(() => requireMemory(ready, 1, 1e6)).toThrow(/shorter --timerange/)
  })

  it('on a ledger that is broken is not believed for that reason, and says where', async () => {
    const at = place()
    const { ledgerFolder } = options(at)
    const record = { at: '', kind: 'backtest', from: 'x', strategy: 'crosses', sourceHash: '', bases: ['AAA'], startTime: 0, endTime: 1e15, returns: ['a'], failed: [] } as const // prettier-ignore
    await appendToLedger(ledgerFolder, record)
    await appendToLedger(ledgerFolder, { ...record, from: 'y', returns: ['b'] })
    const file = join(ledgerFolder, 'trials.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"returns":["a"]', '"returns":["c"]'))
    const { result } = await runSweep(await prepared(asked('sobol')), options(at))
    expect(result.ledger.problem).toMatch(/line 1 .*was changed/)
    expect(result.judgement?.verdict.gates.find(({ key }) => key === 'deflated-sharpe')?.shortfall).toMatch(/ledger of trials cannot be trusted: line 1/) // prettier-ignore
  })

  it('counts what was tried before on its family', async () => {
    const at = place()
    await runSweep(await prepared(asked('sobol')), options(at))
    const more = await runSweep(await prepared(asked('sobol', { seed: 9 })), options(at))
    expect(more.result.ledger.isNew).toBe(false)
    expect(more.result.ledger.trials).toBeGreaterThan(more.result.judgement?.assessment.distinct ?? NaN)
  })

  it('asked again after more was tried on its family is judged anew, by what the ledger counts then', async () => {
    const at = place()
    const ready = await prepared(asked('sobol'))
    const { result } = await runSweep(ready, options(at))
    const { ledgerFolder } = options(at)
    const { records } = await readLedger(ledgerFolder)
    const returns = Array.from({ length: 40 }, (_, trial) => `more-${trial}`)
    await appendToLedger(ledgerFolder, {
      ...records[0]!,
      kind: 'backtest',
      from: 'by hand',
      returns,
      failed: [],
    })
    const told: string[] = []
    const again = await runSweep(ready, options(at, { onJudgedAgain: (why) => void told.push(why), onStage: (stage) => void told.push(stage) })) // prettier-ignore
    expect(told.slice(0, 2)).toEqual([`the ledger counts ${result.ledger.trials + 40} trials now, ${result.ledger.trials} when this sweep was judged`, 'counting trials']) // prettier-ignore
    expect([again.existed, again.result.ledger.trials]).toEqual([false, result.ledger.trials + 40])
    const [before, after] = [result, again.result].map(
      ({ judgement }) => judgement?.assessment.deflatedSharpe,
    )
    expect(after).toMatchObject({ trials: result.ledger.trials + 40 })
    expect(before).toMatchObject({ trials: result.ledger.trials })
    // Once it has taken that in, it is answered from what is stored.
    expect((await runSweep(ready, options(at))).existed).toBe(true)
    const file = join(ledgerFolder, 'trials.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('more-3', 'less-3'))
    expect((await runSweep(ready, options(at))).result.ledger.problem).toMatch(/was changed/)
  })

  it('on a ledger that has lost what was counted before is judged anew, by the count of before, and not believed', async () => {
    const at = place()
    const ready = await prepared(asked('sobol', { trials: 16 }))
    const { ledgerFolder } = options(at)
    const elsewhere = { at: '', kind: 'backtest', from: 'x', strategy: 'crosses', sourceHash: '', bases: ['AAA'], startTime: 0, endTime: 1e15, returns: ['a', 'b', 'c'], failed: [] } as const // prettier-ignore
    await appendToLedger(ledgerFolder, elsewhere)
    const { result } = await runSweep(ready, options(at))
    const kept = readFileSync(join(ledgerFolder, 'trials.jsonl'), 'utf8')
    const head = readFileSync(join(ledgerFolder, 'head.json'), 'utf8')
    rmSync(ledgerFolder, { recursive: true })
    const again = await runSweep(ready, options(at))
    const { trials } = result.ledger
    expect(again.result.ledger).toMatchObject({ trials, problem: expect.stringContaining(`it counts ${trials - 3} trials where ${trials} were counted`) as string }) // prettier-ignore
    expect(again.result.judgement?.verdict.gates.find(({ key }) => key === 'deflated-sharpe')?.isPassed).toBe(false) // prettier-ignore
    expect((await runSweep(ready, options(at))).existed).toBe(true)
    writeFileSync(join(ledgerFolder, 'trials.jsonl'), kept)
    writeFileSync(join(ledgerFolder, 'head.json'), head)
    expect((await runSweep(ready, options(at))).result.ledger).toEqual(result.ledger)
  })

  it('tries random entries also where trials fail, the first one among them', async () => {
    const points = asked('sobol', { search: { ...parseSearch(bench.strategy.params, ['fast=7:8:1', 'slow=20:40:20'], []) }, sampler: 'grid', trials: 4 }) // prettier-ignore
    const { result } = await runSweep(await prepared(points), options(place(), { randomEntry: 'always' }))
    expect(result.counts.failed).toBe(2)
    // Sixty days leave no offset of thirty days on either side.
    expect(result.judgement?.randomEntry?.pValue).toMatchObject({ reason: expect.stringMatching(/^0 shifted runs are comparable/) as string }) // prettier-ignore
  })

  it('keeps what its random entries came to: a kill, or a verdict that is made again, asks for none of them twice', async () => {
    const at = place()
    const ready = await prepared(asked('sobol', { trials: 8, conditions: [] }), await bench.imported(6, 90))
    const tell = (told: string[]) => options(at, { randomEntry: 'always', mostReplicates: 19, resume: true, onStage: (stage) => void told.push(stage) }) // prettier-ignore
    const first: string[] = []
    const { sweep } = await runSweep(ready, tell(first))
    const tried = first.filter((stage) => stage.startsWith('random entries')).length
    expect(tried).toBeGreaterThan(10)
    const whole = bytesOf({ sweep })
    rmSync(join(sweep.folder, 'result.json'))
    const again: string[] = []
    await runSweep(ready, tell(again))
    expect(bytesOf({ sweep })).toEqual(whole)
    expect(again.filter((stage) => stage.startsWith('random entries')).length).toBeLessThan(3)
    const file = join(sweep.folder, 'random-entry.json')
    const text = readFileSync(file, 'utf8')
    const [known] = Object.values((JSON.parse(text) as { tried: { statistic: object }[] }).tried[0]!.statistic) as [number] // prettier-ignore
    writeFileSync(file, text.replace(String(known), String(known + 1)))
    rmSync(join(sweep.folder, 'result.json'))
    await expect(runSweep(ready, tell([]))).rejects.toThrow(
      /random-entry\.json.*was changed|was changed.*random-entry\.json/,
    )
    await expect(readSweep(sweep.folder)).rejects.toThrow(/random-entry\.json/)
  })

  it('whose random entries were tried fewer times than is asked for now is judged again, unless they are decided', async () => {
    const at = place()
    const ready = await prepared(asked('sobol', { trials: 16 }))
    const { sweep } = await runSweep(ready, options(at, { randomEntry: 'always' }))
    const file = join(sweep.folder, 'result.json')
    const written = JSON.parse(readFileSync(file, 'utf8')) as { result: { judgement: Record<string, Json> } & Record<string, Json> } // prettier-ignore
    const why = async (
      replicates: number,
      exceedances: number,
      mostReplicates?: number,
    ): Promise<readonly string[]> => {
      const randomEntry = { ...(written.result.judgement['randomEntry'] as object), replicates, exceedances }
      const result = { ...written.result, judgement: { ...written.result.judgement, randomEntry } }
      writeFileSync(file, stableJson({ sha256: hashText(stableJson(result)), result }))
      const told: string[] = []
      await runSweep(ready, options(at, { randomEntry: 'always', ...(mostReplicates !== undefined && { mostReplicates }), onJudgedAgain: (text) => void told.push(text) })) // prettier-ignore
      return told
    }
    expect(await why(19, 3, 99)).toEqual(['random entries were tried 19 times, 99 are asked for'])
    expect(await why(19, 10, 99)).toEqual([])
    expect(await why(19, 3, 19)).toEqual([])
    expect(await why(19, 3)).toEqual([])
  })

  it('that an earlier version judged says what was not measured then, one of a later version is refused', async () => {
    const at = place()
    const { sweep } = await runSweep(await prepared(asked('sobol', { trials: 16 })), options(at))
    const file = join(sweep.folder, 'result.json')
    const written = JSON.parse(readFileSync(file, 'utf8')) as { result: Record<string, Json> }
    expect(written.result['schema']).toBe(RESULT_SCHEMA)
    const store = (result: Json): void => writeFileSync(file, stableJson({ sha256: hashText(stableJson(result)), result })) // prettier-ignore
    const isNew = (name: string): boolean => name === 'schema' || name === 'stability'
    store(Object.fromEntries(Object.entries(written.result).filter(([name]) => !isNew(name))))
    expect((await sweep.result())?.stability).toMatchObject({ reason: expect.stringContaining('earlier version') as string }) // prettier-ignore
    const page = await writeSweepPage(sweep, () => undefined)
    expect(readFileSync(page, 'utf8')).toContain('Not measured: the sweep was judged by an earlier version')
    store({ ...written.result, schema: RESULT_SCHEMA + 1 })
    await expect(sweep.result()).rejects.toThrow(/reads results of schemas up to 2 .*field schema.*value 3/)
  })

  it('by tpe learns from the first sixteen trials on, however few they are', async () => {
    const sixty = await Promise.all(
      (['sobol', 'tpe'] as const).map(async (sampler) => {
        const search = { generationTrials: generationSize(sampler, 60), trials: 60 }
        const { sweep } = await runSweep(await prepared(asked(sampler, search)), options(place()))
        return (await readSweep(sweep.folder)).rows.map(({ point }) => JSON.stringify(point))
      }),
    )
    const [filling = [], learning = []] = sixty
    expect(learning.slice(0, 16)).toEqual(filling.slice(0, 16))
    expect(learning.slice(20).filter((point, at) => point === filling[20 + at]).length).toBeLessThan(20)
  })

  it('all of whose trials fail alike ends with their error', async () => {
    const fixed = parseSearch(bench.strategy.params, ['fast=7', 'slow'])
    const { dimensions, fixed: values, constraints } = fixed
    const of = asked('sobol', { search: { dimensions, fixed: values, constraints }, trials: 20 })
    await expect(prepared(of)).rejects.toThrow(/seven/)
  })
})
