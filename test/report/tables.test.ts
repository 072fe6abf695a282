import { expect, it } from 'vitest'
import { pageTable } from '../../src/report/page/index.js'
import { table } from '../../src/report/table.js'
import { walkForwardParamsTable } from '../../src/report/walk-forward-tables.js'
import type { WalkForwardReport } from '../../src/report/walk-forward-report.js'

it('dates of a table never break, and nothing of a text is lost or changed', () => {
  const texts = ['2024-01-31 to 2024-03-01', '2024-01-31', 'on 2024-01-31 <b>', 'none', '']
  const { markup } = pageTable(table('', ['What', 'When'], texts.map((text) => ['x', text]))) // prettier-ignore
  const cells = [...markup.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell = '']) => cell).filter((cell) => cell !== 'x') // prettier-ignore
  const date = (text: string): string => `<span class="date">${text}</span>`
  expect(cells).toEqual([`${date('2024-01-31')} to ${date('2024-03-01')}`, date('2024-01-31'), `on ${date('2024-01-31')} &lt;b&gt;`, 'none', '']) // prettier-ignore
})

it('a choice that is made in several windows in a row is told once, and none is a dash', () => {
  const values = [37, 37, 37, 31, undefined, 37, 31, 31]
  const { rows } = walkForwardParamsTable({
    dimensions: [{ kind: 'number', name: 'fast', lowest: 5, highest: 50, step: 1, scale: 'linear' }],
    params: [{ name: 'fast', values, distinct: 2, spread: 0.1, commonest: 0.5 }],
  } as unknown as WalkForwardReport)
  expect(rows[0]?.[2]).toBe('37 ×3, 31, –, 37, 31 ×2')
})
