import { ConfigError } from '../core/errors.js'
import { type ParamSpecs, type ParamValue, parseParam, paramValues } from '../strategy/params.js'
import { declaredDimension, type Dimension, type NumberDimension } from './search-dimension.js'
import { type Constraint, searchSpace, type SearchSpace } from './search-space.js'

const FORMS =
  'a search is fast=5:50:5 (lowest:highest:step), fast=5:50 (the declared step), size=0.01:1:log, mode=a,b,c, fast=12 (fixed) or fast alone (the declared range)'

/**
 * Reads what is searched from a command line: one text a param, such as `fast=5:50:5`, `slow=20:400:20:log`, `mode=a,b`, `fast=5,8,13`,
 * `target=2`, `fast`; and constraints such as `fast<slow`. No text at all: every param over its declared range. Params that are
 * not named keep the values of `base`, such as a preset's, else their defaults. Throws ConfigError naming param and value.
 */
export function parseSearch(
  specs: ParamSpecs,
  texts: readonly string[],
  constraints: readonly string[] = [],
  base: Readonly<Record<string, ParamValue>> = {},
): SearchSpace {
  const dimensions: Dimension[] = []
  const fixed: Record<string, ParamValue> = {}
  for (const text of texts) {
    const [name, range] = nameAndRange(text)
    if (Object.hasOwn(fixed, name))
      throw new ConfigError('a param is given twice', { field: `params.${name}` })
    if (range === undefined) dimensions.push(declaredDimension(specs, name))
    else if (range.includes(':')) dimensions.push(parseNumbers(specs, name, range))
    else if (range.includes(',')) dimensions.push(parseList(specs, name, range))
    else fixed[name] = parseParam(specs, name, range)
  }
  const isVaried = (name: string): boolean => dimensions.some((dimension) => dimension.name === name)
  const kept = texts.length === 0 ? [] : Object.entries(base).filter(([name]) => !isVaried(name))
  const plan = {
    fixed: { ...Object.fromEntries(kept), ...fixed },
    constraints: constraints.map(parseConstraint),
  }
  return searchSpace(specs, texts.length === 0 ? plan : { ...plan, dimensions })
}

function nameAndRange(text: string): readonly [string, string | undefined] {
  const match = /^\s*([A-Za-z]\w*)\s*(?:=\s*(\S.*?)\s*)?$/.exec(text)
  if (match === null) throw new ConfigError(FORMS, { field: 'search', value: text })
  return [match[1] as string, match[2]]
}

function parseNumbers(specs: ParamSpecs, name: string, range: string): NumberDimension {
  const declared = declaredDimension(specs, name)
  const field = `params.${name}`
  if (declared.kind !== 'number')
    throw new ConfigError(`takes words, not a range: ${declared.values.join(', ')}`, { field, value: range })
  const parts = range.split(':').map((part) => part.trim())
  const isLog = parts.at(-1) === 'log'
  const numbers = (isLog ? parts.slice(0, -1) : parts).map((part) => {
    const number = part === '' ? NaN : Number(part)
    if (!Number.isFinite(number)) throw new ConfigError(FORMS, { field, value: range })
    return number
  })
  const [lowest, highest, step] = numbers
  if (lowest === undefined || highest === undefined || numbers.length > 3)
    throw new ConfigError(FORMS, { field, value: range })
  return { ...declared, lowest, highest, step: step ?? declared.step, scale: isLog ? 'log' : 'linear' }
}

function parseList(specs: ParamSpecs, name: string, range: string): Dimension {
  paramValues(specs, { [name]: undefined })
  const values = range.split(',').map((part) => parseParam(specs, name, part.trim()))
  const isOrdered = values.every((value) => typeof value === 'number')
  if (isOrdered) values.sort((a, b) => (a as number) - (b as number))
  return { kind: 'list', name, values, isOrdered }
}

/** `fast<slow`, `stop >= 2`. Throws ConfigError for anything else. */
export function parseConstraint(text: string): Constraint {
  const match = /^\s*(-?[\w.]+)\s*(<=|>=|<|>)\s*(-?[\w.]+)\s*$/.exec(text)
  if (match === null)
    throw new ConfigError('a constraint is fast<slow or stop>=2, with <, <=, > or >=', {
      field: 'constraint',
      value: text,
    })
  const side = (part: string): string | number => (Number.isNaN(Number(part)) ? part : Number(part))
  return {
    left: side(match[1] as string),
    operator: match[2] as Constraint['operator'],
    right: side(match[3] as string),
  }
}
