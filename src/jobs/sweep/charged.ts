import { adverseFraction } from '../../engine/options.js'
import type { Charged } from '../../report/index.js'
import type { SweepAsked } from './question.js'

/** What trials are charged, from what was asked. A fee below 0 is a rebate, and no charge. */
export function chargedOf({
  costs,
  instruments,
  funding,
}: Pick<SweepAsked, 'costs' | 'instruments' | 'funding'>): Charged {
  const { takerFee, makerFee } = costs
  const fees = instruments.flatMap((instrument) =>
    [instrument, ...(instrument.changes ?? [])].flatMap((terms) => [
      takerFee ?? terms.takerFee ?? 0,
      makerFee ?? terms.makerFee ?? 0,
    ]),
  )
  const isFunded = instruments.some(({ kind }) => kind === 'perpetual')
  return {
    fees: fees.some((fee) => fee > 0),
    slippage: adverseFraction(costs) > 0,
    funding: isFunded ? funding === 'settled' : undefined,
  }
}
