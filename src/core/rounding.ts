/** Slack of every rounding to a grid: a quotient that is whole but for float noise counts as whole. */
const SLACK = 1e-9

/** From 10⁷ steps on, one rounding of the quotient itself is more than that. */
function slackOf(quotient: number): number {
  return Math.max(SLACK, 4 * Number.EPSILON * quotient)
}

function floorOf(quotient: number): number {
  return Math.floor(quotient + slackOf(quotient))
}

function ceilOf(quotient: number): number {
  return Math.ceil(quotient - slackOf(quotient))
}

/** `count · step`, as the nearest double to the decimal that people write (0.1 · 3 is 0.3). */
function onGrid(count: number, step: number): number {
  const perUnit = Math.round(1 / step)
  return Math.abs(perUnit * step - 1) < SLACK ? count / perUnit : count * step
}

/** Largest multiple of the lot that is not above the quantity; lot 0 leaves it as it is. */
export function floorToLot(quantity: number, lotSize: number): number {
  return lotSize === 0 ? quantity : onGrid(floorOf(quantity / lotSize), lotSize)
}

/** Next tick at or above the price; tick 0 leaves it as it is. */
export function ceilToTick(price: number, tickSize: number): number {
  return tickSize === 0 ? price : onGrid(ceilOf(price / tickSize), tickSize)
}

/** Next tick at or below the price; tick 0 leaves it as it is. */
export function floorToTick(price: number, tickSize: number): number {
  return tickSize === 0 ? price : onGrid(floorOf(price / tickSize), tickSize)
}
