import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addDataCommands } from '../../src/cli/data-commands.js'
import { type Io, makeIo, renderTable } from '../../src/cli/io.js'
import { BaleenError } from '../../src/core/errors.js'
import { storeManifest, openStore } from '../../src/store/store.js'
import { CANDLE_HEADER, HOUR, T0, candleLines, csvFile, temporaryFolder } from '../store/helpers.js'

interface Ran {
  readonly out: string
  readonly log: string
  readonly json: unknown
  readonly exitCode: number
  readonly error: string
}

/** Runs `baleen data …` in this process, with what it prints caught. */
async function run(folder: string, ...words: string[]): Promise<Ran> {
  const out: string[] = []
  const log: string[] = []
  let json: unknown
  const io: Io = {
    ...makeIo({ json: words.includes('--json'), color: false }),
    showsProgress: false,
    print: (text) => void out.push(text),
    printTable: (table) => void out.push(renderTable(table)),
    printJson: (value) => {
      json = value
    },
    log: (text) => void log.push(text),
  }
  const program = new Command('baleen')
    .option('--data <dir>')
    .option('--json')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  addDataCommands(program, { io: () => io, now: () => 42 })
  const result = await program
    .parseAsync(['--data', join(folder, 'data'), 'data', ...words], { from: 'user' })
    .then(
      () => ({ exitCode: 0, error: '' }),
      (error: unknown) => ({
        exitCode: error instanceof BaleenError ? error.exitCode : 1,
        error: String(error),
      }),
    )
  return { out: out.join('\n'), log: log.join('\n'), json, ...result }
}

const CANDLES = ['--as', 'candles', '--instrument', 'test:AAA', '--interval', '1h']

describe('baleen data', () => {
  it('imports, lists and verifies, and says what it understood and found', async () => {
    const folder = temporaryFolder()
    const lines = candleLines(10)
    lines[4] = `${T0 + 4 * HOUR},100,98,102,100,1`
    const imported = await run(folder, 'import', csvFile(folder, [CANDLE_HEADER, ...lines]), ...CANDLES)
    expect(imported.exitCode).toBe(0)
    expect(imported.log).toContain('time = column ts (epoch ms)')
    expect(imported.log).toContain('rows count from 1, a header line not among them')
    expect(imported.out).toMatch(
      /candles\/test:AAA@1h +10 +9 +9 +1 +0 +2024-01-01 00:00 +2024-01-01 09:00 +1 \(1 missing\)/,
    )
    expect(imported.out).toContain('quarantined: high is below low: 1 row (row 5: high "98", low "102")')
    expect(imported.out).toContain('gap: 2024-01-01 03:00 to 2024-01-01 05:00')

    const listed = await run(folder, 'list')
    expect(listed.out).toMatch(/candles\/test:AAA@1h +9 .* 1h +recorded/)
    const { dataSetHash, series } = await storeManifest(openStore(join(folder, 'data')))
    expect(listed.out).toContain(dataSetHash)
    expect((await run(folder, 'list', '--json')).json).toMatchObject({ dataSetHash, series })
    expect(series['candles/test:AAA@1h']?.imports[0]).toMatchObject({ importedAt: 42, file: 'rows.csv' })

    expect((await run(folder, 'verify')).out).toMatch(/^2 of 2 files are whole/)
    const { path } = series['candles/test:AAA@1h']?.file ?? { path: '' }
    writeFileSync(join(folder, 'data', path), 'gone')
    const broken = await run(folder, 'verify')
    expect(broken.exitCode).toBe(3)
    expect(broken.out).toContain(`broken: ${path} of candles/test:AAA@1h: 4 bytes instead of`)
    expect(broken.out).toContain('1 of 2 files are whole')
  })

  it('removes a series only where told twice', async () => {
    const folder = temporaryFolder()
    await run(folder, 'import', csvFile(folder, [CANDLE_HEADER, ...candleLines(3)]), ...CANDLES)
    const asked = await run(folder, 'remove', 'candles/test:AAA@1h')
    expect(asked).toMatchObject({ exitCode: 2, error: expect.stringContaining('--yes') })
    expect((await run(folder, 'list')).out).toContain('candles/test:AAA@1h')
    const { out, exitCode } = await run(folder, 'remove', 'candles/test:AAA@1h', '--yes')
    expect([out, exitCode]).toEqual([
      'removed candles/test:AAA@1h: 3 rows, imported from rows.csv; the next import deletes its file',
      0,
    ])
    expect((await run(folder, 'list')).out).toContain('no data in')
  })

  it('says what to do in an empty folder', async () => {
    expect((await run(temporaryFolder(), 'list')).out).toContain('baleen data import FILE')
  })

  it('reads its options, and answers in JSON', async () => {
    const folder = temporaryFolder()
    const file = csvFile(folder, [
      'when,what,size=,c',
      `${T0},x,1,7`,
      `${T0 + HOUR},y,2,8`,
      `${T0 + HOUR},z,3,9`,
    ])
    const words = [
      '--as',
      'series',
      '--name',
      'mine',
      '--map',
      'time=when',
      '--map',
      'a=c',
      '--where',
      'what=x',
      '--where',
      'what=y',
      '--known-lag',
      '0',
    ]
    const { json, exitCode } = await run(
      folder,
      'import',
      file,
      ...words,
      '--flag',
      'mine-own',
      '--source',
      'me',
      '--json',
    )
    expect(exitCode).toBe(0)
    expect(json).toMatchObject({ dryRun: false, series: [{ id: 'series/mine', rowsRead: 2, rows: 2 }] })
    const entry = (await storeManifest(openStore(join(folder, 'data')))).series['series/mine']
    expect(entry).toMatchObject({ fields: ['a'], flags: ['mine-own'], sources: ['me'], origins: ['assumed'] })
  })

  it.each([
    [['--as', 'candels'], /a kind is one of candles/],
    [['--as', 'candles', '--instrument', 'test:AAA'], /need --interval/],
    [['--as', 'candles', '--interval', '1h'], /needs --instrument/],
    [['--as', 'candles', '--instrument', 'test:AAA', '--interval', '1 hour'], /--interval.*"1 hour"/],
    [[...CANDLES, '--map', 'high'], /NAME=VALUE.*--map.*"high"/],
    [[...CANDLES, '--map', 'high=a', '--map', 'high=b'], /one column.*"high"/],
    [[...CANDLES, '--map', 'hihg=high'], /no such field, but time, open, high/],
    [[...CANDLES, '--unit', 'contracts', '--contract-size', 'big'], /--contract-size.*"big"/],
    [[...CANDLES, '--origin', 'guessed'], /recorded, assumed, unknown/],
    [
      ['--as', 'exchange-flows', '--asset', 'BTC', '--map', 'inflow=open', '--map', 'outflow=close'],
      /--known-at COLUMN, or --known-lag/,
    ],
  ])('refuses %j as a usage error', async (words, message) => {
    const folder = temporaryFolder()
    const { exitCode, error } = await run(
      folder,
      'import',
      csvFile(folder, [CANDLE_HEADER, ...candleLines(3)]),
      ...words,
    )
    expect(error).toMatch(message)
    expect(exitCode).toBe(2)
  })
})
