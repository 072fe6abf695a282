import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { simulateMarket } from '../market/index.js'
import { strategyTemplate } from './strategy-template.js'

const STRATEGY = 'my-first'
export const EXAMPLE_CSV = 'examples/synthetic-btc-1h.csv'
const EXAMPLE_INSTRUMENT = 'synthetic:BTCUSDT'
const EXAMPLE_DAYS = 180

/** The files of a new workspace by their names in it, package.json and .gitignore apart. Equal on every machine. */
export function workspaceFiles(): Readonly<Record<string, string>> {
  return {
    'README.md': README,
    'baleen.config.json': json(CONFIG),
    'instruments.json': json(INSTRUMENTS),
    'tsconfig.json': json(TSCONFIG),
    [`strategies/${STRATEGY}.ts`]: strategyTemplate(STRATEGY),
    [EXAMPLE_CSV]: exampleCandles(),
    'data/README.md': DATA_README,
  }
}

/** What git leaves alone in a workspace: everything that can be made or imported again. */
export const IGNORED: readonly string[] = ['node_modules/', '.baleen/', 'data/*', '!data/README.md', 'reports/', 'sessions/'] // prettier-ignore

const CONFIG = {
  $schema: './node_modules/baleen/config.schema.json',
  data: 'data',
  runs: '.baleen/runs',
  instruments: 'instruments.json',
  timeframe: '1h',
  balance: 10_000,
  slippage: 1,
}

const INSTRUMENTS = [
  {
    id: EXAMPLE_INSTRUMENT,
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    tickSize: 0.01,
    lotSize: 0.00001,
    minNotional: 5,
    makerFee: 0.001,
    takerFee: 0.001,
    source: 'invented, for the example: state what you trade, by the rules of your venue',
  },
]

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'preserve',
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
  include: ['strategies'],
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Invented hourly candles as an exchange would offer them for download. */
function exampleCandles(): string {
  const options = { startTime: Date.UTC(2024, 0, 1), bars: EXAMPLE_DAYS * 24 }
  const candles = simulateMarket(options, xoroshiro128plus(1)).instruments[0]?.candles
  if (candles === undefined) throw new Error('the simulated market has no instrument')
  const { openTime, open, high, low, close, volume } = candles
  const lines = Array.from(openTime, (time, row) => {
    const prices = [open, high, low, close].map((column) => (column[row] ?? NaN).toFixed(2))
    return [new Date(time).toISOString().slice(0, 19) + 'Z', ...prices, (volume[row] ?? NaN).toFixed(3)].join(',') // prettier-ignore
  })
  return `time,open,high,low,close,volume\n${lines.join('\n')}\n`
}

const DATA_README = `Imported series and their manifest. \`npx baleen data list\` says what is here; everything can be imported again from its sources.
`

const README = `# A research workspace

    npm install                # once
    npx baleen doctor          # is this machine ready?
    npx baleen demo            # an invented market, a backtest of it and its report
    npm run check              # types: a misspelt parameter or feature does not compile

| file or folder       | what                                                                          |
| -------------------- | ----------------------------------------------------------------------------- |
| \`strategies/\`        | your strategies, one file each; \`npx baleen strategy new NAME\` begins another |
| \`instruments.json\`   | what you trade: ticks, lots, smallest orders, fees; yours to state            |
| \`baleen.config.json\` | settings behind every command; the command line wins                          |
| \`data/\`              | imported series                                                               |
| \`examples/\`          | invented hourly candles (**synthetic**) to try an import with                 |
| \`.baleen/runs/\`      | every run with all that decided it; \`npx baleen runs list\`                    |

Your first backtest, on the invented candles:

    npx baleen data import ${EXAMPLE_CSV} --as candles --instrument ${EXAMPLE_INSTRUMENT} --interval 1h --flag synthetic
    npx baleen backtest ${STRATEGY}
    npx baleen backtest ${STRATEGY} -p fast=12 -p slow=48
    npx baleen runs list

Your own data go the same way: list the instrument in \`instruments.json\`, import its candles, name it with \`-i\`. The pages in
\`node_modules/baleen/docs/\` say more: \`first-hour.md\` first, then \`data.md\`, \`strategies.md\`, \`metrics.md\`.

A backtest shows what fixed rules would have done under assumptions that are never quite true. It is no advice.
`
