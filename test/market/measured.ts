/**
 * Figures measured on recorded data of large crypto perpetuals (docs/simulator.md says which), and the band in which the simulator's
 * own must lie. Where two recordings disagree, both are given.
 */
export interface MeasuredFigure {
  readonly name: string
  readonly measured: readonly number[]
  /** Bounds for what is simulated. */
  readonly from: number
  readonly to: number
}

const near = (name: string, measured: number, tolerance: number): MeasuredFigure => ({
  name,
  measured: [measured],
  from: measured - Math.abs(measured) * tolerance,
  to: measured + Math.abs(measured) * tolerance,
})
const within = (name: string, measured: readonly number[], from: number, to: number): MeasuredFigure => ({
  name,
  measured,
  from,
  to,
})

/** Of bitcoin where nothing else is said. */
export const MEASURED: readonly MeasuredFigure[] = [
  near('deviation of hourly returns, BTC', 0.00466, 0.15),
  near('deviation of hourly returns, ETH', 0.00742, 0.15),
  near('deviation of hourly returns, SOL', 0.00828, 0.15),
  near('deviation of hourly returns, DOGE', 0.00919, 0.15),
  within('kurtosis of hourly returns', [13.2, 39.4], 8, 40),
  near('size of hourly return over its deviation, median', 0.42, 0.15),
  near('size of hourly return over its deviation, 95 %', 2.02, 0.1),
  near('size of hourly return over its deviation, 99.9 %', 6.62, 0.25),
  near('autocorrelation of sizes after 1 h', 0.279, 0.35),
  near('autocorrelation of sizes after 24 h', 0.165, 0.4),
  near('deviation of log daily volatility', 0.518, 0.25),
  near('correlation of hourly returns, BTC and ETH', 0.826, 0.06),
  near('correlation of hourly returns, BTC and DOGE', 0.759, 0.08),
  near('Saturday over mean size of hourly return', 0.61, 0.2),
  near('14:00 over mean size of hourly return', 1.66, 0.2),
  within('funding, 5 %', [-0.000031, -0.000069], -0.0001, -0.00002),
  within('funding, median', [0.000042, 0.0001], 0.00004, 0.0001),
  within('funding, 95 %', [0.0001, 0.00062], 0.0001, 0.0007),
  within('funding, share at the usual rate', [0.13, 0.41], 0.13, 0.42),
  within('autocorrelation of funding after 8 h', [0.57], 0.45, 0.9),
  near('size of hourly change of open interest, median', 0.0059, 0.25),
  near('daily change of open interest, 5 %', -0.102, 0.2),
  near('daily change of open interest, 95 %', 0.141, 0.25),
  near('inflow over supply, median', 0.0093, 0.12),
  near('inflow over supply, 95 %', 0.0197, 0.2),
  near('net inflow over supply, 25 %', -0.0016, 0.35),
  near('net inflow over supply, 75 %', 0.00037, 0.6),
  near('net inflow over supply, deviation', 0.0045, 0.35),
  near('hours until flows are known, 5 %', 26.6, 0.03),
  near('hours until flows are known, median', 28.3, 0.03),
  near('hours until flows are known, 95 %', 30.5, 0.03),
  near('hours until flows are known, longest', 70.4, 0.15),
  near('hours between whale snapshots, median', 3.97, 0.1),
  near('hours between whale snapshots, 95 %', 9.48, 0.1),
  near('wallets in a snapshot, median', 99, 0.25),
  within('wallets in a snapshot, fewest', [59], 45, 65),
  near('wallets in a snapshot, most', 223, 0.1),
  within('lean of whales in BTC, 5 %', [-0.66], -0.9, -0.5),
  within('lean of whales in BTC, median', [-0.3], -0.45, -0.15),
  within('lean of whales in BTC, 95 %', [0.3], 0.1, 0.5),
  near('same side from one snapshot to the next', 0.992, 0.01),
  within('wallets that stay from one snapshot to the next', [0.875], 0.82, 0.92),
  near('median leverage', 20, 0),
  near('median position, USD', 3_500_000, 0.3),
  near('volume of an hour over its median, 5 %', 0.284, 0.35),
  near('volume of an hour over its median, 95 %', 4.41, 0.25),
  near('range of an hour, median', 0.00494, 0.2),
]
