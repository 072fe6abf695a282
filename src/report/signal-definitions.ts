/** How the figures of a study are defined, a sentence or two each; docs/signals.md says it at length. */
export const SIGNAL_DEFINITIONS: readonly string[] = [
  'Decisions are made at the close of a bar from what was known then; scores are the very ones that a replay acts on. A bar without a score is left out, and never counts as neutral.',
  'Forward return over h bars: in at the open of the next bar (if it opens no later than one interval after the decision), out at the first open h intervals later. Funding settled after the entry, up to and including the exit, is paid by the long. Nothing beyond the range is looked at.',
  'Information coefficient: correlation of scores with forward returns. Rank: Spearman, mid-ranks for ties. Below five instruments each is taken over time and the coefficients are averaged by observations; from five on ranks are taken over instruments at each instant and averaged over time.',
  'Standard errors: Newey & West (1987), bars at one instant together, lags at least twice the horizon and 1.3 times the root of the bars. Intervals: fixed-bandwidth critical values of Kiefer & Vogelsang (2005), wider than ±1.96 errors. n/a where fewer than 20 stretches of the horizon, one after the other, fit into the range (“11 of 20 stretches”).',
  'Effective observations: how many independent pairs would tell as much: (1 − IC²) / error².',
  'Deciles are cut over all bars and instruments of the range, afterwards: they describe, and no one could have traded them. Costs after: two positions, each bought and sold once within the horizon, four fills.',
  'Turnover: share of bars in the highest (lowest) decile whose bar before was not there. Each such bar is one position bought and sold: two fills.',
  'A leg alone is its own value as a score; a leg left out hands its weight to the others, and the minimum coverage stays: where the others carry less than that, there is no score to look at.',
  'Entries: the mean return after the first bar of each call for one, against 95 % of the same entries shifted in time, all together by a random number of bars. p: share of shifts at least as far from the mean of any time.',
]
