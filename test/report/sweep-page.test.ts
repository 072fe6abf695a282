import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { formatValue } from '../../src/metrics/format.js'
import type { PageKit } from '../../src/report/page/index.js'
import { sweepPage } from '../../src/report/index.js'
import { bestTrial, rankedTrials, type SweepReport } from '../../src/report/sweep-report.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { PageBrowser, type Visit } from './browser.js'
import { sweepExample } from './sweep-example.js'

const HOSTILE = `</script></title></style><script>window.pwned=1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned=1"><svg onload="window.pwned=1">'"\`\\`
const SIDEWAYS = 'document.documentElement.scrollWidth - window.innerWidth'

requireComponent('Chromium', CHROMIUM !== undefined)('the page of a sweep', () => {
  let browser: PageBrowser
  let kit: PageKit
  const report = sweepExample()
  let html: string
  beforeAll(async () => {
    kit = await loadPageKit()
    browser = await PageBrowser.start()
    html = sweepPage(kit, report)
  })
  afterAll(async () => browser?.close())

  /** Looks at every map too. */
  async function lookAtAll({ page }: Visit): Promise<void> {
    await PageBrowser.drawAll(page)
    const select = page.locator('select[data-shows="maps"]')
    if ((await select.count()) === 0) return
    for (const option of await select.locator('option').all()) {
      await select.selectOption((await option.getAttribute('value'))!)
      await PageBrowser.drawAll(page)
    }
  }

  it.each([
    ['desktop', 1280, 'light'],
    ['phone', 390, 'dark'],
  ] as const)('draws everything without a message, a request or a sideways scroll: %s', async (_name, width, colorScheme) => {
    const visit = await browser.visit(html, { width, colorScheme })
    await lookAtAll(visit)
    expect(visit.messages).toEqual([])
    expect(visit.requests).toHaveLength(1)
    expect(await visit.page.evaluate(SIDEWAYS)).toBeLessThanOrEqual(0)
    await visit.page.close()
  }) // prettier-ignore

  it('says what is invented, the verdict, and every reason with its number', async () => {
    const { page } = await browser.visit(html)
    const text = (await page.locator('header').innerText()).replaceAll('\n', ' ')
    expect(text.toLowerCase()).toContain('synthetic data')
    const { verdict, assessment } = report.judgement!
    expect(text.toLowerCase()).toContain(`verdict: ${verdict.verdict}`)
    for (const reason of verdict.reasons) expect(text.toLowerCase()).toContain(reason.toLowerCase())
    expect(text).toContain(
      `Sharpe ratio of 1 over ${assessment.minimumBacktestYears.value!.toFixed(1)} years`,
    )
    await page.close()
  })

  it('says what trials are charged, and warns where trading costs nothing', async () => {
    expect(html).toContain('Trials are backtests with fees and slippage; returns are net')
    expect(html).not.toContain('twice the costs are none either')
    const free = sweepPage(kit, { ...report, charged: { fees: false, slippage: false, funding: false } })
    expect(free).toContain('Trials are backtests without fees, slippage or funding; returns are net')
    const { page } = await browser.visit(free)
    expect(await page.locator('header').innerText()).toContain('Trials pay no fees, no slippage and no funding: twice the costs are none either.') // prettier-ignore
    await page.close()
  })

  it('shows the figures of the sweep, in its order', async () => {
    const { page } = await browser.visit(html)
    const best = bestTrial(report)!
    const tile = (key: string): Promise<string> => page.locator(`[data-key="${key}"] dd`).innerText()
    expect(await tile('objective')).toBe(formatValue(best.statistics!.sharpe.value!, 'ratio'))
    const { deflatedSharpe } = report.judgement!.assessment
    if ('reason' in deflatedSharpe) throw new Error('the example has a deflated Sharpe ratio')
    expect(await tile('lucky')).toBe(formatValue(deflatedSharpe.luckySharpe * Math.sqrt(365), 'ratio'))
    expect(await tile('deflated')).toBe(formatValue(deflatedSharpe.probability.value!, 'ratio'))

    const rows = await page.locator('.records tbody tr').all()
    const ranked = rankedTrials(report)
    for (const [at, row] of rows.entries()) {
      const { number, point, statistics } = ranked[at]!
      const cells = await row.locator('td').allInnerTexts()
      expect(cells.slice(0, 5)).toEqual([String(number), String(point['fast']), String(point['slow']), point['mode'], formatValue(statistics.sharpe.value!, 'ratio')]) // prettier-ignore
      expect(await row.locator('code').innerText()).toBe(report.commandOf(point))
    }
    expect(rows).toHaveLength(20)
    await page.close()
  })

  it('shows the best and the median of each value of a param, in a chart a param', async () => {
    const { page } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const charts = page.locator('#slices .vega-chart')
    expect(await charts.count()).toBe(3)
    expect((await page.locator('#slices figcaption strong').allInnerTexts()).sort()).toEqual(['sharpe by fast', 'sharpe by mode', 'sharpe by slow']) // prettier-ignore
    // 20 values of fast, 20 parts of slow, two words; a ring in each.
    const points = await Promise.all(
      [0, 1, 2].map((at) => charts.nth(at).locator('.layer_2_marks path').count()),
    )
    expect(points.sort((a, b) => a - b)).toEqual([2, 20, 20])
    await page.close()
  })

  it('marks the front of the trials that may be chosen, and says how many are on it', async () => {
    const { page } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const complete = rankedTrials(report)
    const front = complete.filter((one) => !complete.some((other) => other.score > one.score && other.statistics.maxDrawdown.value! <= one.statistics.maxDrawdown.value!)) // prettier-ignore
    const text = await page.locator('#front').innerText()
    expect(text).toContain(`${front.length} of ${complete.length} complete trials are on the front`)
    const barred = report.trials.filter(({ status }) => status === 'constraint').length
    expect(text).toContain(`${barred} that may not be chosen`)
    const kinds = await page.locator('#front .layer_0_marks path').evaluateAll((paths) => paths.map((path) => path.getAttribute('aria-label') ?? '')) // prettier-ignore
    const count = (kind: string): number => kinds.filter((label) => label.includes(kind)).length
    expect([count('on the front'), count('may not be chosen'), kinds.length]).toEqual([front.length, barred, complete.length + barred]) // prettier-ignore
    await page.close()
  })

  it('says by year and by instrument what was earned, what is n/a and why, and suggests the middle of a plateau', async () => {
    const { page } = await browser.visit(html)
    const text = (await page.locator('#stability').innerText()).replaceAll(/\s+/g, ' ')
    const { stability, plateau } = report
    if (stability === undefined || 'reason' in stability) throw new Error('the example has it')
    expect(text).toContain(`Gained, of ${stability.trials} complete trials`)
    expect(text).toMatch(/2023 21 of 365 .*2024 39 of 366/)
    expect(text).toContain('n/a (21 whole days, at least 30 needed)')
    expect(text).toContain('example 60.00 2 50.00 %')
    expect(text).toContain('other 0.00 0 n/a (no trade closed before the end of data)')
    expect(plateau!.centre.trial).not.toBe(plateau!.peak.trial)
    expect(text).toContain('Suggested: the middle of a plateau, not the peak')
    expect(await page.locator('#stability pre').innerText()).toBe(report.commandOf(plateau!.centreParams))
    const without = await browser.visit(sweepPage(kit, { ...report, stability: { reason: 'an older version' } })) // prettier-ignore
    expect(await without.page.locator('#stability').innerText()).toContain('Not measured: an older version.')
    await page.close()
    await without.page.close()
  })

  it('keeps the lines whose values lie in the ranges that are dragged along the axes', async () => {
    const { page } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const chart = page.locator('#params .vega-chart')
    await chart.scrollIntoViewIfNeeded()
    const kept = (): Promise<string | null> =>
      chart.locator('text', { hasText: / of \d+ lines$/ }).textContent()
    const complete = rankedTrials(report)
    expect(await kept()).toBe(`${complete.length} of ${complete.length} lines`)
    const drag = async (axis: number, from: number, to: number): Promise<void> => {
      const box = (await chart.locator(`.axis${axis} path`).boundingBox())!
      const x = box.x + box.width / 2
      await page.mouse.move(x, box.y + box.height * (1 - from))
      await page.mouse.down()
      await page.mouse.move(x, box.y + box.height * (1 - to), { steps: 4 })
      await page.mouse.up()
    }
    // The upper half of fast, 11 to 20, and above it of the words the second.
    await drag(0, 0.999, 0.5)
    const fast = complete.filter(({ point }) => (point['fast'] as number) > 10)
    expect(await kept()).toBe(`${fast.length} of ${complete.length} lines`)
    await drag(2, 0.999, 0.5)
    const wild = fast.filter(({ point }) => point['mode'] === 'wild')
    expect(await kept()).toBe(`${wild.length} of ${complete.length} lines`)
    await drag(0, 0.2, 0.2)
    const allWild = complete.filter(({ point }) => point['mode'] === 'wild')
    expect(await kept()).toBe(`${allWild.length} of ${complete.length} lines`)
    await page.close()
  })

  it('copies the command of a trial, or selects it where the browser does not let it', async () => {
    const { page } = await browser.visit(html)
    const row = page.locator('.records tbody tr').first()
    await row.locator('button.copy').click()
    await row.locator('button.copy', { hasText: /Copied|Selected/ }).waitFor()
    await page.close()
  })

  it('takes names for text, whatever is in them', async () => {
    const hostile = sweepExample({ trials: 120, name: HOSTILE, words: [HOSTILE, `${HOSTILE}2`] })
    const visit = await browser.visit(sweepPage(kit, hostile))
    await lookAtAll(visit)
    expect(visit.messages).toEqual([])
    expect(visit.requests).toHaveLength(1)
    expect(await visit.page.evaluate('window.pwned')).toBeUndefined()
    expect(await visit.page.locator('h1').innerText()).toContain(HOSTILE)
    expect(await visit.page.evaluate(SIDEWAYS)).toBeLessThanOrEqual(0)
    await visit.page.close()
  })

  it('says n/a and why where no trial is complete, and where a search varied nothing', async () => {
    const failed = await browser.visit(sweepPage(kit, sweepExample({ trials: 30, areAllFailed: true })))
    await lookAtAll(failed)
    expect(failed.messages).toEqual([])
    expect(await failed.page.locator('header').innerText()).toMatch(/No trial is complete: there is nothing to judge/) // prettier-ignore
    expect(await failed.page.locator('[data-key="deflated"] dd').innerText()).toMatch(/n\/a\s*no trial is complete/) // prettier-ignore
    await failed.page.close()

    const short = sweepExample({ trials: 40, days: 12 })
    const visit = await browser.visit(sweepPage(kit, { ...short, dimensions: [], ledger: { ...short.ledger, problem: 'record 2 was changed' } })) // prettier-ignore
    await lookAtAll(visit)
    expect(visit.messages).toEqual([])
    expect(await visit.page.locator('[data-key="overfitting"] dd').innerText()).toContain('n/a')
    expect(await visit.page.locator('[data-key="ledger"] dd').innerText()).toMatch(
      /n\/a\s*it cannot be trusted/,
    )
    expect(await visit.page.locator('#map').innerText()).toContain('No param was varied')
    await visit.page.close()
  })

  it('stays below 3 MB for a million trials, and says what it left out', () => {
    const { trials } = report
    const million = Array.from({ length: 1_000_000 }, (_, number) => ({ ...trials[number % trials.length]!, number })) // prettier-ignore
    const large: SweepReport = { ...report, trials: million, asked: million.length }
    const page = sweepPage(kit, large)
    expect(Buffer.byteLength(page)).toBeLessThan(3_000_000)
    expect(page).toContain('The best 200 of 1,000,000 trials')
    expect(page).toMatch(/Drawn are 1,500 of [\d,]+ complete trials, a sample by the seed/)
    expect(page).toMatch(/Beside the front 1,500 of [\d,]+ trials are drawn/)
    expect(page).toMatch(/Drawn are the best 100 of [\d,]+ complete trials and 400 of the others/)
  })

  it('is the same text for the same sweep', () => {
    expect(sweepPage(kit, sweepExample())).toBe(html)
  })
})
