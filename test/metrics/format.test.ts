import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import { formatMetric, formatStatistic, formatValue, metricRules } from '../../src/metrics/index.js'
import { metric } from '../../src/metrics/metrics-report.js'
import { known, unknown } from '../../src/metrics/statistic.js'

describe('numbers as their unit is read', () => {
  it.each([
    [0.12345, 'fraction', '12.35 %'],
    [-0.00001, 'fraction', '0.00 %'],
    [12.5, 'fraction', '1,250.00 %'],
    [1234567.891, 'money', '1,234,567.89'],
    [-1234.5, 'money', '-1,234.50'],
    [999.999, 'money', '1,000.00'],
    [1.23456, 'ratio', '1.235'],
    [0.0005, 'ratio', '0.001'],
    [0.000234, 'ratio', '0.00023'],
    [-0.0000456, 'ratio', '-0.000046'],
    [-1e-15, 'ratio', '0.000'],
    [0, 'ratio', '0.000'],
    [1234, 'count', '1,234'],
    [12.34, 'days', '12.3 d'],
    [0.5, 'days', '12.0 h'],
    [1 / 24, 'days', '1.0 h'],
    [0.01, 'days', '14.4 min'],
    [0, 'days', '0.0 d'],
    [Date.UTC(2026, 1, 3, 4), 'time', '2026-02-03 04:00'],
  ] as const)('%d %s is %s', (value, unit, text) => expect(formatValue(value, unit)).toBe(text))

  it('a number is finite and 0 has no sign', () => {
    expect(known(-0)).toEqual({ value: 0 })
    for (const value of [NaN, Infinity, -Infinity]) expect(known(value)).toHaveProperty('reason')
  })

  it('n/a carries its reason', () => {
    expect(formatStatistic(unknown('no loss'), 'ratio')).toBe('n/a (no loss)')
    expect(formatMetric(metric('a', 'A', 'count', known(3)))).toBe('3')
    expect(formatMetric(metric('a', 'A', 'count', unknown('never')))).toBe('n/a (never)')
  })
})

describe('the rules of a report', () => {
  it('say returns, deviation, rate, peak', () => {
    const text = metricRules(DEFAULT_POLICIES, {}, HOUR_MS).join('\n')
    for (const part of ['UTC days', 'flat days', '√365', 'Risk-free rate 0', 'starting balance', 'n/a']) {
      expect(text).toContain(part)
    }
    const other = metricRules(
      { returns: 'daily', drawdownPeak: 'first-bar' },
      { riskFreeRate: 0.02 },
      HOUR_MS,
    ).join('\n')
    expect(other).toContain("first bar's equity")
    expect(other).toContain('2 % a year')
  })
})
