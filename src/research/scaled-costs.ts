import type { Instrument, InstrumentTerms } from '../core/instrument.js'
import type { ReplayOptions } from '../engine/options.js'

/**
 * The same run at a multiple of its costs: maker, taker and liquidation fees, slippage and half spread, those of every change of terms
 * too. A fee below 0 is a rebate and stays as it is; funding is no cost of trading and stays too.
 */
export function withScaledCosts<T extends Pick<ReplayOptions, 'costs' | 'instruments'>>(
  options: T,
  factor: number,
): T {
  const { costs, instruments } = options
  const { slippageBps, halfSpreadBps, takerFee, makerFee } = costs
  return {
    ...options,
    costs: {
      ...costs,
      slippageBps: slippageBps * factor,
      ...(halfSpreadBps === undefined ? {} : { halfSpreadBps: halfSpreadBps * factor }),
      ...(takerFee === undefined ? {} : { takerFee: scaledFee(takerFee, factor) }),
      ...(makerFee === undefined ? {} : { makerFee: scaledFee(makerFee, factor) }),
    },
    instruments: instruments.map((data) => ({ ...data, instrument: scaled(data.instrument, factor) })),
  }
}

function scaledFee(fee: number, factor: number): number {
  return fee > 0 ? fee * factor : fee
}

function scaled(instrument: Instrument, factor: number): Instrument {
  return {
    ...instrument,
    ...scaledTerms(instrument, factor),
    ...(instrument.changes === undefined
      ? {}
      : { changes: instrument.changes.map((change) => ({ ...change, ...scaledTerms(change, factor) })) }),
  }
}

/** The fees among some terms. */
function scaledTerms<T extends Partial<InstrumentTerms>>(
  { makerFee, takerFee, margin }: T,
  factor: number,
): Partial<InstrumentTerms> {
  return {
    ...(makerFee === undefined ? {} : { makerFee: scaledFee(makerFee, factor) }),
    ...(takerFee === undefined ? {} : { takerFee: scaledFee(takerFee, factor) }),
    ...(margin === undefined
      ? {}
      : { margin: { ...margin, liquidationFee: scaledFee(margin.liquidationFee, factor) } }),
  }
}
