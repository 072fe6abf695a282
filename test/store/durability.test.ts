import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs' // prettier-ignore
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDuckDB } from '../../src/store/duckdb.js'
import { hashFile } from '../../src/store/files.js'
import { importFile } from '../../src/store/import.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { withStoreLock } from '../../src/store/lock.js'
import { writeManifest } from '../../src/store/manifest.js'
import { removeSeries } from '../../src/store/remove.js'
import { type Store, openStore, storeManifest } from '../../src/store/store.js'
import { verifyStore } from '../../src/store/verify.js'
import {
  CANDLES,
  CANDLE_HEADER,
  HOUR,
  T0,
  candleLines,
  csvFile,
  importLines,
  temporaryFolder,
} from './helpers.js'

const ID = 'candles/test:AAA@1h'
/** Runs test/store/import-child.ts: an import in a process of its own, which may kill itself on the way. */
function importInChild(store: Store, file: string, killAt: string, instrument = 'test:AAA', uid?: number) {
  const child = join(import.meta.dirname, 'import-child.ts')
  return spawnSync(process.execPath, ['--import', 'tsx', child, store.directory, file, killAt, instrument], {
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
}

function flipBit(path: string): void {
  const bytes = readFileSync(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 4
  writeFileSync(path, bytes)
}

describe('an import that is killed', () => {
  it.each(['read', 'checked', 'rows-written', 'rows-published', 'manifest-published'])(
    'with SIGKILL at %s leaves the old data or the new, and the next import goes on',
    async (step) => {
      const { store, folder } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
      const old = await storeManifest(store)
      const longer = csvFile(folder, [CANDLE_HEADER, ...candleLines(25)], 'longer.csv')
      expect(importInChild(store, longer, step).signal).toBe('SIGKILL')

      const after = openStore(store.directory)
      const isNew = step === 'manifest-published'
      expect((await storeManifest(after)).dataSetHash === old.dataSetHash).toBe(!isNew)
      expect((await loadCandles(after, 'test:AAA', HOUR)).openTime).toHaveLength(isNew ? 25 : 10)
      const verified = await verifyStore(after)
      expect(verified.broken).toEqual([])
      // What it left is known as such: its half-written file, or the old one that the manifest no longer lists.
      expect(verified.leftovers.length).toBe(
        ['rows-written', 'rows-published', 'manifest-published'].includes(step) ? 1 : 0,
      )

      const again = await importFile(after, { ...CANDLES, file: longer })
      expect(again.series[0]).toMatchObject({ rows: 25, changed: !isNew })
      const fresh = await importLines([CANDLE_HEADER, ...candleLines(25)], CANDLES)
      expect(again.dataSetHash).toBe((await storeManifest(fresh.store)).dataSetHash)
    },
  )
})

describe('two importers', () => {
  it('in one process take turns and lose nothing', async () => {
    const folder = temporaryFolder()
    const store = openStore(join(folder, 'data'))
    const file = csvFile(folder, [CANDLE_HEADER, ...candleLines(10)])
    const names = ['a', 'b', 'c', 'd'].map((name) => `test:${name}`)
    await Promise.all(names.map((instrument) => importFile(store, { ...CANDLES, instrument, file })))
    expect(Object.keys((await storeManifest(store)).series)).toEqual(
      names.map((name) => `candles/${name}@1h`),
    )
  })

  it('in two processes: the second waits, then says who holds the folder', async () => {
    const folder = temporaryFolder()
    const store = openStore(join(folder, 'data'))
    const file = csvFile(folder, [CANDLE_HEADER, ...candleLines(10)])
    await withStoreLock(store.directory, async () => {
      const second = importInChild(store, file, 'never,short-wait')
      expect(second.stderr).toMatch(new RegExp(`process ${process.pid} is importing into this data folder`))
      expect(second.status).toBe(3)
    })
    expect(importInChild(store, file, 'never,short-wait').status).toBe(0)
    expect((await storeManifest(store)).series[ID]?.file.rows).toBe(10)
  })
})

describe('a stored file that changed', () => {
  async function stored(): Promise<{ store: Store; path: string; relative: string }> {
    const { store } = await importLines([CANDLE_HEADER, ...candleLines(50)], CANDLES)
    const relative = (await storeManifest(store)).series[ID]?.file.path ?? ''
    return { store: openStore(store.directory), path: join(store.directory, relative), relative }
  }

  it('by one bit is named by verify, and by a run before it reads a number', async () => {
    const { store, path, relative } = await stored()
    flipBit(path)
    expect((await verifyStore(store)).broken).toEqual([
      { path: relative, series: ID, fault: expect.stringMatching(/bytes changed/) },
    ])
    await expect(loadCandles(store, 'test:AAA', HOUR)).rejects.toThrow(
      new RegExp(`broken.*${relative.split('/')[1]?.replace('@', '.')}`),
    )
  })

  it('by truncation or removal is named too', async () => {
    const { store, path, relative } = await stored()
    truncateSync(path, 100)
    expect((await verifyStore(store)).broken).toEqual([
      { path: relative, series: ID, fault: expect.stringMatching(/^100 bytes instead of/) },
    ])
    rmSync(path)
    expect((await verifyStore(store)).broken).toEqual([{ path: relative, series: ID, fault: 'missing' }])
    await expect(loadCandles(store, 'test:AAA', HOUR)).rejects.toThrow(/missing/)
  })

  it('or that nobody imported is named, and left where it is by the next import', async () => {
    const { store, path } = await stored()
    copyFileSync(path, join(store.directory, 'candles', 'mine.parquet'))
    expect((await verifyStore(store)).broken).toEqual([
      { path: 'candles/mine.parquet', series: undefined, fault: 'no series lists it' },
    ])
    await importLines([CANDLE_HEADER, ...candleLines(60)], CANDLES, { store, folder: temporaryFolder() })
    expect(readdirSync(join(store.directory, 'candles'))).toContain('mine.parquet')
  })

  it('a damaged manifest is refused, wherever the damage is', async () => {
    const { store } = await stored()
    const path = join(store.directory, 'manifest.json')
    const text = readFileSync(path, 'utf8')
    for (const damaged of [
      text.slice(0, -40),
      text.replace('"rows": 50', '"rows": 51'),
      text.replace(/"dataSetHash": "./, '"dataSetHash": "x'),
      '{}',
    ]) {
      writeFileSync(path, damaged)
      await expect(verifyStore(store)).rejects.toThrow(/manifest is damaged/)
    }
    writeFileSync(path, text)
    expect((await verifyStore(store)).broken).toEqual([])
  })

  it.each([
    ['a flipped bit', flipBit],
    ['its removal', (path: string) => rmSync(path)],
    ['its truncation', (path: string) => truncateSync(path, 100)],
  ])('is whole again, byte for byte, once its source is imported again after %s', async (_what, breakIt) => {
    const { store, path } = await stored()
    const before = await storeManifest(store)
    breakIt(path)
    const { report } = await importLines([CANDLE_HEADER, ...candleLines(50)], CANDLES, {
      store,
      folder: temporaryFolder(),
    })
    expect(report.findings[0]?.message).toMatch(/THE STORED FILE WAS BROKEN.*whole again, byte for byte/)
    expect(await storeManifest(store)).toEqual(before)
    expect(await verifyStore(store)).toMatchObject({ broken: [], leftovers: [] })
    expect((await loadCandles(openStore(store.directory), 'test:AAA', HOUR)).openTime).toHaveLength(50)
  })

  it('is never merged into: another file replaces it, and what went with it is named', async () => {
    const { store } = await stored()
    const into = { store, folder: temporaryFolder() }
    await importLines([CANDLE_HEADER, ...candleLines(80)], CANDLES, into)
    const hash = (await storeManifest(store)).dataSetHash
    flipBit(join(store.directory, (await storeManifest(store)).series[ID]?.file.path ?? ''))
    const { report } = await importLines([CANDLE_HEADER, ...candleLines(60).slice(20)], CANDLES, into)
    expect(report).toMatchObject({ rows: 40, rowsAdded: 40 })
    expect(report.findings[0]?.message).toMatch(/ARE GONE WITH IT: import again rows\.csv$/)
    expect((await storeManifest(store)).series[ID]?.imports).toHaveLength(1)
    expect((await verifyStore(store)).broken).toEqual([])
    await importLines([CANDLE_HEADER, ...candleLines(80)], CANDLES, into)
    expect((await storeManifest(store)).dataSetHash).toBe(hash)
  })

  it('in quarantine is replaced too', async () => {
    const lines = [CANDLE_HEADER, ...candleLines(10), `${T0 + 10 * HOUR},1,0,2,1,1`]
    const { store } = await importLines(lines, CANDLES)
    const before = await storeManifest(store)
    flipBit(join(store.directory, before.series[ID]?.quarantine?.path ?? ''))
    expect((await verifyStore(store)).broken).toHaveLength(1)
    await importLines(lines, CANDLES, { store, folder: temporaryFolder() })
    expect((await verifyStore(store)).broken).toEqual([])
    expect((await storeManifest(store)).dataSetHash).toBe(before.dataSetHash)
  })
})

describe('a folder that may only be read', () => {
  it('ends an import with its name and exit code 3; a dry run needs no more', async () => {
    const { store, folder } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const longer = csvFile(folder, [CANDLE_HEADER, ...candleLines(25)], 'longer.csv')
    chmodSync(folder, 0o755)
    writeFileSync(join(store.directory, 'candles', 'left-over.tmp'), '')
    for (const path of [store.directory, join(store.directory, 'candles')]) chmodSync(path, 0o555)
    // Nothing is read-only to root: it sends somebody else.
    const nobody = process.getuid?.() === 0 ? 65_534 : undefined
    const refused = importInChild(store, longer, 'never', 'test:AAA', nobody)
    expect(refused.stderr).toMatch(/^DataError: no permission to work there.*data\/lock\.duckdb/)
    expect(refused.status).toBe(3)
    const dry = importInChild(store, longer, 'dry-run', 'test:AAA', nobody)
    expect([dry.status, dry.stderr]).toEqual([0, ''])
    for (const path of [store.directory, join(store.directory, 'candles')]) chmodSync(path, 0o755)
    expect(existsSync(join(store.directory, 'candles', 'left-over.tmp'))).toBe(true)
    expect((await storeManifest(store)).series[ID]?.file.rows).toBe(10)
  })
})

describe('a stored file that is out of order', () => {
  it('is refused by a run with its row, not sorted', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const manifest = await storeManifest(store)
    const entry = manifest.series[ID]
    if (entry === undefined) throw new Error(ID)
    const path = join(store.directory, entry.file.path)
    const other = join(store.directory, 'other.parquet')
    await withDuckDB((connection) =>
      connection.run(
        `COPY (SELECT * FROM read_parquet('${path}') ORDER BY "eventTime" = ${T0 + 3 * HOUR}, "eventTime") TO '${other}'`,
      ),
    )
    renameSync(other, path)
    const file = { ...entry.file, sha256: await hashFile(path), bytes: statSync(path).size }
    await writeManifest(store.directory, { [ID]: { ...entry, file } }, [])
    const start = loadCandles(openStore(store.directory), 'test:AAA', HOUR)
    await expect(start).rejects.toThrow(/does not open after the one before.*row 10.*eventTime/)
  })
})

describe('a removed series', () => {
  it('is gone from the manifest, which remembers it; its file goes with the next import', async () => {
    const first = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const { store } = await importLines(
      [CANDLE_HEADER, ...candleLines(10)],
      { ...CANDLES, instrument: 'test:BBB' },
      first,
    )
    const { file } = (await storeManifest(store)).series[ID] ?? { file: { path: '', sha256: '' } }
    await expect(removeSeries(store, 'candles/test:CCC@1h', 7)).rejects.toThrow(/candles\/test:AAA@1h/)
    await removeSeries(store, ID, 7)
    const after = await storeManifest(store)
    expect(Object.keys(after.series)).toEqual(['candles/test:BBB@1h'])
    expect(after.removed).toEqual([
      { series: ID, removedAt: 7, rows: 10, sha256: file.sha256, files: ['rows.csv'] },
    ])
    expect(await verifyStore(store)).toMatchObject({ broken: [], leftovers: [file.path] })
    await importLines([CANDLE_HEADER, ...candleLines(11)], { ...CANDLES, instrument: 'test:BBB' }, first)
    expect(existsSync(join(store.directory, file.path))).toBe(false)
    expect((await storeManifest(store)).removed).toHaveLength(1)
  })

  it('may be broken: that is a way out of it', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    flipBit(join(store.directory, (await storeManifest(store)).series[ID]?.file.path ?? ''))
    await removeSeries(store, ID, 7)
    expect(await verifyStore(store)).toMatchObject({ files: 0, broken: [], leftovers: [] })
  })
})

describe('the data-set hash', () => {
  it('depends on rows alone, not on when, from which file or in how many steps they came', async () => {
    const lines = candleLines(30)
    const once = await importLines([CANDLE_HEADER, ...lines], CANDLES)
    const steps = await importLines([CANDLE_HEADER, ...lines.slice(10)], { ...CANDLES, now: 5 })
    await importLines([CANDLE_HEADER, ...lines.slice(0, 20)], { ...CANDLES, now: 6 }, steps)
    const hashes = await Promise.all(
      [once, steps].map(async ({ store }) => (await storeManifest(store)).dataSetHash),
    )
    expect(hashes[1]).toBe(hashes[0])
    await importLines([CANDLE_HEADER, ...candleLines(1, T0 + 40 * HOUR)], CANDLES, steps)
    expect((await storeManifest(steps.store)).dataSetHash).not.toBe(hashes[0])
  })

  it('nor on how the file wrote time, or what it was called', async () => {
    const lines = candleLines(5)
    const written = (time: (ms: number) => string): string[] => [
      CANDLE_HEADER,
      ...lines.map((line) => line.replace(/^\d+/, (ms) => time(Number(ms)))),
    ]
    const files = [
      written(String),
      written((ms) => String(ms / 1000)),
      written((ms) => new Date(ms).toISOString()),
      written((ms) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')),
    ]
    const hashes = new Set<string>()
    for (const [index, file] of files.entries()) {
      const folder = temporaryFolder()
      const { dataSetHash } = await importFile(openStore(join(folder, 'data')), {
        ...CANDLES,
        file: csvFile(folder, file, `file-${index}.csv`),
      })
      hashes.add(dataSetHash)
    }
    expect(hashes.size).toBe(1)
  })
})
