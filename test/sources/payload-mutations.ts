import { ASSUMED_ROWS } from '../../src/core/smart-money-rows.js'
import { SmartMoneyApi } from '../../src/loopback/smart-money/api.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { type Mapped, mapConfirm, mapRows } from '../../src/sources/smart-money/mapper.js'
import { understand } from '../../src/sources/smart-money/meaning.js'
import type { RandomGenerator } from '../../src/market/random.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { prototypesTouched } from './prototypes.js'
import { expectedRow, rowsOf } from './sound-rows.js'

/** Families of endpoints whose payloads are mutated. */
export const FAMILIES: readonly string[] = [...Object.keys(ASSUMED_ROWS), 'confirm']

const answers = new Map<string, string>()

/** A sound answer of each family, a few rows, from a synthetic world. */
function soundAnswer(family: string): string {
  if (answers.size === 0) {
    const world = simulatedWorld({ days: 3, seed: 2, timeframeMs: 3_600_000 })
    const now = world.startTime + 60 * 3_600_000
    const api = new SmartMoneyApi(world, () => now)
    for (const one of FAMILIES) {
      const query: Record<string, string> = one.startsWith('history/') ? { limit: String(ROWS) } : one === 'market/candles' ? { interval: '1h', limit: String(ROWS) } : {} // prettier-ignore
      const request = { path: `/v1/${one}`, query, headers: { 'x-api-key': 'sm_loopback_pro' } }
      answers.set(
        one,
        JSON.stringify(firstRows(one, api.answer(request, { knownMs: now, clockMs: now }).body)),
      )
    }
  }
  return answers.get(family)!
}

/** What broke would break in few rows too: a hundred thousand answers are to be read. */
function firstRows(family: string, body: unknown): unknown {
  const name = ASSUMED_ROWS[family]?.list ?? ''
  const rows = (body as Record<string, unknown>)[name]
  return Array.isArray(rows) ? { ...(body as object), [name]: rows.slice(0, ROWS) } : body
}

const ROWS = 4

const map = (family: string, body: unknown): Mapped => family === 'confirm' ? mapConfirm(body) : mapRows(family, body) // prettier-ignore

/** What a broken source might put in the place of anything, as JSON. */
const STRANGE = [
  'null', 'true', '0', '-0', '-1', '1e999', '-1e999', '1e308', '9007199254740993', '1704067200000', '0.1', '""', '"NaN"', '"unavailable"', '"NO_DATA"',
  '"VERY_HIGH"', '"__proto__"', '[]', '[[[]]]', '{}', '{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '{"toString":null}',
  '{"length":3}', `"${'x'.repeat(600)}"`, '"\\u0000\\ud800"', '"<script>alert(1)</script>"', '"=cmd()"',
] // prettier-ignore

type Node = { parent: Record<string, unknown> | unknown[]; name: string | number }

function nodesOf(value: unknown, found: Node[] = []): Node[] {
  if (typeof value !== 'object' || value === null) return found
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    found.push({ parent: value as Record<string, unknown>, name })
    nodesOf((value as Record<string | number, unknown>)[name], found)
  }
  return found
}

/** Unlike assignment, makes a field of any name, `__proto__` too. */
function define(target: object, name: string | number, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

/** A few changes of a tree. */
export function mutateTree(tree: unknown, random: RandomGenerator): void {
  for (let changes = 1 + drawBelow(random, 4); changes > 0; changes--) {
    const nodes = nodesOf(tree)
    const { parent, name } = nodes[drawBelow(random, nodes.length)] ?? { parent: tree as unknown[], name: 0 }
    const strange = JSON.parse(STRANGE[drawBelow(random, STRANGE.length)]!) as unknown
    switch (drawBelow(random, 5)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(name as number, 1)
        else delete parent[name]
        break
      case 1:
        if (Array.isArray(parent)) parent.splice(name as number, 0, strange, parent[name as number])
        else define(parent, `new_${String(name)}`, strange)
        break
      case 2:
        define(parent, Array.isArray(parent) ? name : '__proto__', strange)
        break
      default:
        define(parent, name, strange)
    }
  }
}

/** Changes of the text itself. */
export function mutateText(text: string, random: RandomGenerator): string {
  const at = drawBelow(random, text.length)
  switch (drawBelow(random, 6)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + String.fromCharCode(drawBelow(random, 65_536)) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + STRANGE[drawBelow(random, STRANGE.length)]! + text.slice(at)
    default:
      return text
  }
}

/** Answers that are none: a body may come with any of them. */
const OTHER_STATUSES = [201, 204, 301, 400, 401, 402, 403, 404, 418, 429, 451, 500, 502, 503, 599]

/** What of a mutated payload went wrong in reading it; undefined where it was read as it must be. */
export function payloadProblem(family: string, seed: number): string | undefined {
  const random = seededRandom(seed, FAMILIES.indexOf(family))
  const tree: unknown = JSON.parse(soundAnswer(family))
  mutateTree(tree, random)
  const text = mutateText(JSON.stringify(tree), random)
  const status = drawBelow(random, 20) > 0 ? 200 : OTHER_STATUSES[drawBelow(random, OTHER_STATUSES.length)]!
  let [mapped, body]: [Mapped | undefined, unknown] = [undefined, undefined]
  try {
    const understood = understand(status, text)
    if ((understood.meaning === 'answered') !== (understood.body !== undefined)) return `${understood.meaning}, and ${understood.body === undefined ? 'no' : 'a'} body` // prettier-ignore
    if (understood.meaning === 'answered' && status !== 200) return `status ${status} counts as an answer`
    if (understood.meaning !== 'answered' && status === 200 && understood.message === '') return 'refused without a reason' // prettier-ignore
    body = understood.body
    mapped = map(family, body)
  } catch (error) {
    return `threw ${String(error)} for ${text.slice(0, 300)}`
  }
  if (prototypesTouched(seed % 64 === 0)) return 'a prototype was written to'
  const object = status === 200 ? objectIn(text) : undefined
  if ((object === undefined) !== (body === undefined)) return `the body is ${object === undefined ? 'no' : 'an'} object, and was taken for ${body === undefined ? 'none' : 'one'}` // prettier-ignore
  return readingProblem(family, object, mapped)
}

function objectIn(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** Every bad row is put aside with a reason, every other one is read, and nothing comes of nothing: by a reading of our own. */
function readingProblem(family: string, body: unknown, { rows, quarantined }: Mapped): string | undefined {
  if (quarantined.some(({ reason }) => reason === '')) return 'put aside without a reason'
  const told = rowsOf(family, body)
  if (told === undefined) {
    const isWhole = rows.length === 0 && quarantined.length === 1 && quarantined[0]!.index === -1
    return isWhole ? undefined : 'a body without a list was not put aside whole'
  }
  const expected = told.map((row) => expectedRow(family, row))
  const aside = new Set(quarantined.map(({ index }) => (family === 'confirm' ? 0 : index)))
  const read = rows.map((row) => JSON.stringify(row))
  if (aside.size !== quarantined.length) return 'a row was put aside twice'
  const bad = expected.flatMap((row, index) => (row === undefined ? [index] : []))
  for (const index of bad) if (!aside.has(index)) return `a bad row was not put aside: ${JSON.stringify(told[index])}` // prettier-ignore
  if (aside.size !== bad.length) return `${aside.size} rows were put aside, and ${bad.length} are bad`
  const good = expected.filter((row) => row !== undefined)
  if (good.length !== read.length) return `${good.length} rows are sound, and ${read.length} were read`
  const wrong = good.findIndex((row, index) => row !== read[index])
  return wrong < 0 ? undefined : `read ${read[wrong]!}, not ${good[wrong]!}`
}
