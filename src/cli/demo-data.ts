import { simulateIntoStore } from '../jobs/simulated-data.js'

const DAYS = 240

export interface DemoData {
  readonly folder: string
  readonly instrumentsFile: string
  readonly series: number
  readonly rows: number
}

/** Simulates a market without any edge into a folder. Equal seeds give equal data. */
export async function makeDemoData(
  folder: string,
  seed: number,
  now: number,
  say: (text: string) => void,
): Promise<DemoData> {
  const { instrumentsFile, series } = await simulateIntoStore(
    { days: DAYS, seed },
    { folder, now, replace: true },
  )
  for (const { id, rows } of series) say(`imported ${id}: ${rows} rows`)
  return {
    folder,
    instrumentsFile,
    series: series.length,
    rows: series.reduce((sum, { rows }) => sum + rows, 0),
  }
}
