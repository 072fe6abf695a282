import { StoredFeed } from './feed.js'
import { standingClock } from './machine.js'
import { PacedFeed } from './paced-feed.js'
import { reloadSessionData } from './session-data.js'
import type { SessionFile, SessionSource } from './session-file.js'
import type { SessionFeed } from './session-feed.js'
import type { LoadedSession } from './session-settings.js'

/** Stored candles and facts of a session, told in the order in which they became known. Nothing is late in them: no time passes. */
export async function storedSessionFeed(
  { strategy }: LoadedSession,
  file: SessionFile,
  source: SessionSource & { readonly kind: 'stored' },
): Promise<SessionFeed> {
  const { instruments, quotes } = await reloadSessionData(strategy, file, source)
  const clock = standingClock()
  const { startTime: fromTime } = file
  const feed = new PacedFeed(new StoredFeed(instruments, source.endTime, quotes?.quotes), { speed: source.speed, fromTime, monotonic: clock.monotonic }) // prettier-ignore
  const since = Date.now()
  return {
    items: (afterClose) => feed.items(afterClose),
    clock,
    feedState: () => ({ state: 'stored', since }),
    apiState: () => ({ state: 'stored', since }),
    close: () => Promise.resolve(),
  }
}
