import type { DataSurvey } from '../core/data-survey.js'
import { dataPage } from '../report/data-page.js'
import { type SeriesSelection, selectSeries } from '../store/select-series.js'
import { type Store, storeManifest } from '../store/store.js'
import { surveyStore, type SurveyOptions } from '../store/survey.js'
import { loadPageKit } from './page-kit.js'
import { writePage } from './write-page.js'

/** Reads the chosen series of a store and says what they hold. Throws as `selectSeries` and `surveyStore`. */
export async function surveyData(
  store: Store,
  selection: SeriesSelection,
  options: Omit<SurveyOptions, 'ids'>,
): Promise<DataSurvey> {
  const ids = selectSeries(await storeManifest(store), store.directory, selection)
  return surveyStore(store, { ...options, ids })
}

/** Writes the page of a survey to a file. */
export async function writeDataPage(survey: DataSurvey, path: string): Promise<void> {
  await writePage(path, dataPage(survey, await loadPageKit()))
}
