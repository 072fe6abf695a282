import { writeFileSync } from 'node:fs'
import { scanModuleText } from './compile.js'

writeFileSync(new URL('../src/strategy/scan-module.ts', import.meta.url), await scanModuleText())
