import type { Broker, BrokerAccount, BrokerMessage, FedByBars } from '../broker.js'
import type { JournalRow } from '../journal-file.js'
import { journalBody } from '../journal-text.js'

/**
 * A broker that knows nothing and tells what was told: every event that the journal has next is told as soon as it is asked anything, so that a session
 * lives through its own fills again. Where its events came out of bars, they come where the bars do.
 */
export class RecordedBroker implements Broker {
  readonly name: string = 'recorded'
  readonly bars: FedByBars | undefined
  private readonly journal: { readonly upcoming: JournalRow | undefined }
  private tell: (message: BrokerMessage) => void = () => undefined

  constructor(journal: { readonly upcoming: JournalRow | undefined }, isFedByBars: boolean) {
    this.journal = journal
    const tellNext = (): void => this.tellNext()
    this.bars = isFedByBars
      ? { settle: () => undefined, warmUp: () => undefined, trade: tellNext, afterClose: tellNext }
      : undefined
  }

  listen(tell: (message: BrokerMessage) => void): void {
    this.tell = tell
  }

  submit(): void {
    this.tellNext()
  }

  amend(): void {
    this.tellNext()
  }

  cancel(): void {
    this.tellNext()
  }

  /** It keeps none. */
  account(): BrokerAccount {
    return { cash: NaN, positions: [], orders: [] }
  }

  private tellNext(): void {
    for (let row = this.journal.upcoming; row?.kind === 'broker'; row = this.journal.upcoming)
      this.tell(journalBody(row.text) as BrokerMessage)
  }
}
