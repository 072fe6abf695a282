import { writeFileSync } from 'node:fs'
import { moduleText, MODULES } from './compile.js'

for (const module of MODULES)
  writeFileSync(new URL(`../${module.target}`, import.meta.url), await moduleText(module))
