/** Starts the TypeScript kernel of these notebooks: what Jupyter's kernel.json names, with `kernel --config-path FILE`. */
import { createRequire } from 'node:module'
import { readOnceBound } from './bound-sockets.mjs'

const require = createRequire(createRequire(import.meta.url).resolve('tslab/dist/main.js'))
const { Publisher, Reply, Router } = require('zeromq')
readOnceBound([Publisher, Reply, Router])
require('./main.js').main()
