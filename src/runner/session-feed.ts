import type { SessionFact } from '../engine/session.js'
import type { Feed } from './feed.js'
import type { SourceState } from './health-file.js'
import type { Clock } from './run-session.js'

/** A feed with all that a session in its own process asks of it. */
export interface SessionFeed extends Feed {
  readonly clock: Clock
  /** Of the market's data, and of the Smart Money API. */
  feedState(): SourceState
  apiState(): SourceState
  /** A fact that the session was told of in an earlier life: it is not told again. */
  remember?(fact: SessionFact): void
  close(): Promise<void>
}

/** Says what goes wrong in a feed, which goes on all the same. */
export type FeedTrouble = (what: string, message: string) => void
