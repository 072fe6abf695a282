import { startRecordTables } from './record-tables.js'
import { startSortableTables } from './sortable-tables.js'
import { startChoices } from './tabs.js'
import { startTheme } from './theme.js'
import { startTimeCharts } from './time-charts.js'
import { startVegaCharts } from './vega-charts.js'

startTheme()
startChoices()
startSortableTables()
startRecordTables()
startTimeCharts()
startVegaCharts()
document.documentElement.dataset['ready'] = 'true'
