/** Starts the TypeScript kernel of these notebooks: what Jupyter's kernel.json names, with `--config-path FILE`. */
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { readOnceBound } from './bound-sockets.mjs'

const { values } = parseArgs({ options: { 'config-path': { type: 'string' } } })
const require = createRequire(createRequire(import.meta.url).resolve('tslab/dist/main.js'))
const { Publisher, Reply, Router } = require('zeromq')
readOnceBound([Publisher, Reply, Router])
// This very kernel, whatever other one is installed where the notebook lies: that one would bring sockets of its own.
require('./main.js').startKernel({ configPath: values['config-path'], enableFindLocal: false })
