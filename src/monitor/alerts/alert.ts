/** `critical` is never dropped; `warning` may be counted in place of being told when there are too many; `note` says that something is over. */
export type Severity = 'critical' | 'warning' | 'note'

/** Something that somebody has to know. */
export interface Alert {
  /** What it is about: alerts of one key are one alert. */
  readonly key: string
  readonly severity: Severity
  readonly title: string
  readonly detail: string
  /** It is not told again for as long as it stays. */
  readonly isToldOnce?: boolean
}

/** An alert on its way, with how often it came again without being told. */
export interface AlertOut extends Alert {
  /** When it was first seen since it was last told, UTC ms. */
  readonly time: number
  readonly swallowed: number
}

/** Alerts that are sent together. */
export interface Bundle {
  readonly alerts: readonly AlertOut[]
  /** Warnings that were dropped, since there were too many. */
  readonly dropped: number
}
