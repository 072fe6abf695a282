import { resolve } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const PRELUDE = `
import * as b from 'baleen'
const { above, add, close, completed, defineStrategy, ema, high, sma, timeframe } = b
const fourHours = timeframe('4h')
const daily = timeframe('1d')
const trend = fourHours(ema(close, 20))
const strategy = { name: 'x', description: '', params: {}, enterLong: () => above(close, 1) }
`

const COMPILES = {
  'joined, it is a feature like any other': `
    const feature: b.Feature = completed(trend)
    above(close, completed(trend))
    sma(completed(trend), 3)
    defineStrategy({ ...strategy, features: () => ({ trend: completed(trend) }) })`,
  'every operator works within': `
    completed(daily(b.macd(close).histogram))
    completed(daily(b.div(b.sub(close, sma(close, 20)), b.atr(14))))`,
  'two timeframes meet once both are joined': `add(completed(trend), completed(daily(high)))`,
  'one stands on bars of another, joined': `completed(daily(b.highest(completed(trend), 3)))`,
  'a param chooses the timeframe': `
    defineStrategy({
      ...strategy,
      params: { higher: b.choice(['4h', '1d']) },
      features: (p) => ({ trend: completed(timeframe(p.higher)(close)) }),
    })`,
} as const

const DOES_NOT_COMPILE = {
  'as a feature': `const feature: b.Feature = trend`,
  'as an operand': `const operand: b.Operand = trend`,
  'in an operator': `sma(trend, 3)`,
  'in a rule': `above(close, trend)`,
  'in the rule that asks whether it is known': `b.known(trend)`,
  'in arithmetic with a base feature': `add(close, trend)`,
  'two timeframes in one operator': `add(trend, daily(close))`,
  'on the bars of another timeframe': `completed(daily(trend))`,
  'among the features of a strategy': `defineStrategy({ ...strategy, features: () => ({ trend }) })`,
  'as a leg of a score': `b.combineLegs([{ weight: 1, leg: trend }])`,
  'made up': `completed({ timeframe: '4h', of: close })`,
  'a base feature joined as if it were higher': `completed(ema(close, 20))`,
  'a timeframe without a feature': `completed(fourHours)`,
} as const

/** First error of each snippet, of all snippets in one program; undefined where it compiles. */
function firstErrors(snippets: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const texts = new Map(
    Object.entries(snippets).map(([name, text], index) => [
      resolve(root, `test/features/snippet-${index}.ts`),
      { name, text: `${PRELUDE}${text}` },
    ]),
  )
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false })
  const { getSourceFile, fileExists } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.getSourceFile = (path, language, ...rest) => {
    const snippet = texts.get(path)
    if (snippet === undefined) return getSourceFile(path, language, ...rest)
    return ts.createSourceFile(path, snippet.text, language)
  }
  const program = ts.createProgram([...texts.keys()], { ...options, noUnusedLocals: false }, host)
  return Object.fromEntries(
    [...texts].map(([path, { name }]) => {
      const file = program.getSourceFile(path)
      const errors = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      const [first] = errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      return [name, first]
    }),
  )
}

it('what is not joined by completed does not compile where a feature is wanted; what is, does', () => {
  const errors = firstErrors({ ...COMPILES, ...DOES_NOT_COMPILE })
  for (const name of Object.keys(COMPILES)) expect(errors[name], name).toBeUndefined()
  // The error is about the very thing that is wrong, not about some slip in the snippet.
  for (const name of Object.keys(DOES_NOT_COMPILE)) {
    expect(errors[name], name).toMatch(/HigherFeature/)
    expect(errors[name], name).toMatch(/is not assignable|is missing/)
  }
})
