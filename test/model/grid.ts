/** Rounding to ticks and lots, by way of decimal text: slow, and unlike the engine's. */

/** Digits after the decimal point that the step is written with: 0.05 has 2, 1/64 = 0.015625 has 6. */
function decimalsOf(step: number): number {
  for (let digits = 0; digits < 20; digits++) if (Number(step.toFixed(digits)) === step) return digits
  throw new Error(`a step of ${step} cannot be written as a decimal`)
}

function onStep(count: number, step: number): number {
  return Number((count * step).toFixed(decimalsOf(step)))
}

/** Whole but for 1e-9 of a step, or for the last digits of the value itself where it has as many steps as that. */
function isWhole(value: number, step: number, count: number): boolean {
  return Math.abs(value - count * step) <= Math.max(1e-9 * step, 3 * Number.EPSILON * Math.abs(value))
}

export function roundedDown(value: number, step: number): number {
  if (step === 0 || !Number.isFinite(value)) return value
  const nearest = Math.round(value / step)
  return onStep(isWhole(value, step, nearest) ? nearest : Math.floor(value / step), step)
}

export function roundedUp(value: number, step: number): number {
  if (step === 0 || !Number.isFinite(value)) return value
  const nearest = Math.round(value / step)
  return onStep(isWhole(value, step, nearest) ? nearest : Math.ceil(value / step), step)
}
