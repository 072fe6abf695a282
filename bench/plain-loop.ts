/**
 * What a hand-written program would do at the least: one pass over the closes, two running sums, a comparison, all in or all out. Its speed
 * is the speed of the host.
 */
export function plainSmaCross(closes: Float64Array): number {
  const [fast, slow] = [20, 50]
  let [fastSum, slowSum, cash, held] = [0, 0, 1, 0]
  for (let bar = 0; bar < closes.length; bar++) {
    const price = closes[bar] as number
    fastSum += price - (bar >= fast ? (closes[bar - fast] as number) : 0)
    slowSum += price - (bar >= slow ? (closes[bar - slow] as number) : 0)
    if (bar < slow) continue
    const isAbove = fastSum / fast > slowSum / slow
    if (isAbove && held === 0) {
      held = cash / price
      cash = 0
    } else if (!isAbove && held > 0) {
      cash = held * price
      held = 0
    }
  }
  return cash + held
}
