import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Limits, RequestBudget } from './budget.js'
import type { Secret } from './secret.js'

export interface BudgetPlace {
  /** Of the API. */
  readonly baseUrl: string
  readonly key: Secret | undefined
  /** Where the user's settings lie; undefined where nothing is to be shared. */
  readonly settingsFolder: string | undefined
  /** The program's own file, where the budget is not shared. */
  readonly ownFile: string
}

/**
 * The folder of the budget that all programs of a user on this machine share which ask one API with one key: named by a hash, so that no key is ever written. Undefined without a key, and for a
 * world on this machine: its clock is its own, and so is what a day is.
 */
export function sharedBudgetFolder(place: Omit<BudgetPlace, 'ownFile'>): string | undefined {
  const { baseUrl, key, settingsFolder } = place
  const { protocol, origin } = new URL(baseUrl)
  if (key === undefined || settingsFolder === undefined || protocol !== 'https:') return undefined
  const hash = createHash('sha256').update(`baleen budget\n${origin}\n${key.reveal()}`).digest('hex')
  return join(settingsFolder, 'budgets', hash.slice(0, 16))
}

/** Where the budget lies: shared by all who ask with the key, or the program's own. */
export function budgetFile(place: BudgetPlace): string {
  const folder = sharedBudgetFolder(place)
  return folder === undefined ? place.ownFile : join(folder, 'budget.json')
}

/** Opens it. Throws DataError where the file is damaged. */
export async function openBudget(place: BudgetPlace, limits?: Limits): Promise<RequestBudget> {
  const isShared = sharedBudgetFolder(place) !== undefined
  return RequestBudget.open(budgetFile(place), limits, isShared)
}
