/** A program that asks with a key: takes from the shared budget in a file so many requests at one time, and prints how many it was given. */
import { RequestBudget } from '../../src/sources/smart-money/budget.js'

const [path = '', nowMs = '', wanted = ''] = process.argv.slice(2)

async function spend(): Promise<void> {
  const budget = await RequestBudget.open(path, undefined, true)
  let given = 0
  for (let request = 0; request < Number(wanted); request++)
    if ((await budget.take(Number(nowMs))) === undefined) given++
  console.log(given)
}

void spend()
