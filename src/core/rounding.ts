/** Slack of every rounding to a grid: a quotient that is whole but for float noise counts as whole. */
const SLACK = 1e-9

/** From 10⁷ steps on, one rounding of the quotient itself is more than that. */
function slackOf(quotient: number): number {
  return Math.max(SLACK, 4 * Number.EPSILON * quotient)
}

/** `count · step`, as the nearest double to the decimal that people write (0.1 · 3 is 0.3). */
function onGrid(count: number, step: number): number {
  const perUnit = Math.round(1 / step)
  return Math.abs(perUnit * step - 1) < SLACK ? count / perUnit : count * step
}

/** The next whole number of steps, up or down. One text for both ways: what is small is inlined where prices are reckoned. */
function toGrid(value: number, step: number, isUp: boolean): number {
  const quotient = value / step
  const slack = slackOf(quotient)
  return onGrid(isUp ? Math.ceil(quotient - slack) : Math.floor(quotient + slack), step)
}

/** Largest multiple of the lot that is not above the quantity; lot 0 leaves it as it is. */
export function floorToLot(quantity: number, lotSize: number): number {
  return lotSize === 0 ? quantity : toGrid(quantity, lotSize, false)
}

/** Next tick at or above the price (`isUp`), or at or below it; tick 0 leaves it as it is. */
export function toTick(price: number, tickSize: number, isUp: boolean): number {
  return tickSize === 0 ? price : toGrid(price, tickSize, isUp)
}

/** Next tick at or above the price; tick 0 leaves it as it is. */
export function ceilToTick(price: number, tickSize: number): number {
  return toTick(price, tickSize, true)
}

/** Next tick at or below the price; tick 0 leaves it as it is. */
export function floorToTick(price: number, tickSize: number): number {
  return toTick(price, tickSize, false)
}
