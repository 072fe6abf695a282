export type * from './chart-data.js'
export { chartGrid, chartRow, choice, timeChart, vegaChart, zoomButtons, type TimeChartContents, type VegaChartContents } from './charts.js' // prettier-ignore
export { dataBlock, makePage, pageBanner, RISK_NOTICE, type BannerContents, type PageContents, type PageKit, type PageSection } from './page.js' // prettier-ignore
export { pageTable, recordTable } from './tables.js'
