import { ASSUMED_ROWS } from '../../src/core/smart-money-rows.js'
import { SmartMoneyApi } from '../../src/loopback/smart-money/api.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { type Mapped, mapConfirm, mapRows } from '../../src/sources/smart-money/mapper.js'
import { understand } from '../../src/sources/smart-money/meaning.js'
import type { RandomGenerator } from '../../src/market/random.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'

/** Families of endpoints whose payloads are mutated. */
export const FAMILIES: readonly string[] = [...Object.keys(ASSUMED_ROWS), 'confirm']

const answers = new Map<string, string>()

/** A sound answer of each family, at most 12 rows, from a synthetic world. */
function soundAnswer(family: string): string {
  if (answers.size === 0) {
    const world = simulatedWorld({ days: 3, seed: 2, timeframeMs: 3_600_000 })
    const now = world.startTime + 60 * 3_600_000
    const api = new SmartMoneyApi(world, () => now)
    for (const one of FAMILIES) {
      const query: Record<string, string> = one.startsWith('history/') ? { limit: '12' } : one === 'market/candles' ? { interval: '1h', limit: '12' } : {} // prettier-ignore
      const request = { path: `/v1/${one}`, query, headers: { 'x-api-key': 'sm_loopback_pro' } }
      answers.set(one, JSON.stringify(api.answer(request, { knownMs: now, clockMs: now }).body))
    }
  }
  return answers.get(family)!
}

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
function mutateTree(tree: unknown, random: RandomGenerator): void {
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
function mutateText(text: string, random: RandomGenerator): string {
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

/** What of a mutated payload went wrong in reading it; undefined where it was read as it must be. */
export function payloadProblem(family: string, seed: number): string | undefined {
  const random = seededRandom(seed, FAMILIES.indexOf(family))
  const sound = soundAnswer(family)
  const tree = JSON.parse(sound) as Record<string, unknown>
  const soundRows = rowTexts(family, tree)
  const expected = new Map(map(family, tree).rows.map((row, at) => [soundRows[at]!, JSON.stringify(row)]))
  mutateTree(tree, random)
  const text = mutateText(JSON.stringify(tree), random)
  let mapped: Mapped
  let body: unknown
  try {
    body = understand(200, text).body
    mapped = map(family, body)
  } catch (error) {
    return `threw ${String(error)} for ${text.slice(0, 300)}`
  }
  if (({} as { polluted?: unknown }).polluted !== undefined || 'polluted' in Function.prototype) return 'a prototype was written to' // prettier-ignore
  for (const { measures } of mapped.rows)
    for (const [name, measured] of Object.entries(measures))
      if (measured.state === 'measured' && !Number.isFinite(measured.value)) return `${name} is not finite`
  const isWhole = mapped.quarantined.every(({ index }) => index >= 0)
  const texts = isWhole ? rowTexts(family, body as Record<string, unknown>) : []
  if (family !== 'confirm' && isWhole && mapped.rows.length + mapped.quarantined.length !== texts.length)
    return `${texts.length} rows came, ${mapped.rows.length} were mapped and ${mapped.quarantined.length} put aside`
  if (mapped.quarantined.some(({ reason }) => reason === '')) return 'put aside without a reason'
  // Rows that nobody touched are what they were.
  const aside = new Set(mapped.quarantined.map(({ index }) => index))
  const read = mapped.rows.map((row) => JSON.stringify(row))
  const kept = texts.filter((_, index) => !aside.has(index))
  for (const [index, row] of kept.entries())
    if (expected.has(row) && family !== 'confirm' && read[index] !== expected.get(row)) return `an untouched row was read as ${read[index] ?? 'nothing'}` // prettier-ignore
  const untouched = texts.filter((row, index) => expected.has(row) && aside.has(index))
  return untouched.length === 0 || family === 'confirm' ? undefined : `an untouched row was put aside: ${untouched[0]!}` // prettier-ignore
}

function rowTexts(family: string, body: Record<string, unknown>): string[] {
  if (family === 'confirm') return [JSON.stringify(body)]
  const { list } = ASSUMED_ROWS[family]!
  const rows = body[list] as unknown[] | Record<string, unknown>
  // The name of a venue is a part of its row.
  return Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)) : Object.entries(rows).map((row) => JSON.stringify(row)) // prettier-ignore
}
