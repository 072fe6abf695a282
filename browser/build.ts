import { writeFileSync } from 'node:fs'
import { pageScriptText } from './compile.js'

writeFileSync(new URL('../src/report/page/script.ts', import.meta.url), await pageScriptText())
