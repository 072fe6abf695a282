import type { Alert, AlertOut } from './alert.js'
import { sendTo } from './channels.js'
import { messageOf, redactor, type Message } from './message.js'
import { Outbox } from './outbox.js'
import type { AlertSettings, Channel } from './settings.js'

/** What became of one message at one channel. */
export interface Delivery {
  readonly channel: Channel['kind']
  readonly isTaken: boolean
  /** Why not, without secrets; empty where it was taken. */
  readonly detail: string
}

const KEPT = 100

/** Tells of alerts by the first channel that takes them. Nothing here is waited for by whoever finds them. */
export class Alerter {
  /** The last that were told or were tried to be, newest first. */
  readonly recent: AlertOut[] = []
  private readonly session: string
  private readonly settings: AlertSettings
  private readonly now: () => number
  private readonly onDelivery: (delivery: Delivery, message: Message) => void
  private readonly outbox: Outbox
  private readonly redact: (text: string) => string
  private sending: Promise<void> | undefined

  /** @param now ms that never fall, UTC: they stand in messages */
  constructor(
    session: string,
    settings: AlertSettings,
    now: () => number,
    onDelivery: (delivery: Delivery, message: Message) => void,
  ) {
    // prettier-ignore
    this.session = session
    this.settings = settings
    this.now = now
    this.onDelivery = onDelivery
    this.outbox = new Outbox(settings.limits)
    this.redact = redactor(settings.secrets)
  }

  get waiting(): number {
    return this.outbox.waiting
  }

  /** All that is wrong now. Sends what is due, without being waited for. */
  see(alerts: readonly Alert[]): void {
    const now = this.now()
    for (const alert of alerts) this.outbox.offer(alert, now)
    this.outbox.settle(new Set(alerts.map(({ key }) => key)), now)
    void this.flush()
  }

  /** Sends what is due; one message at a time. */
  flush(): Promise<void> {
    this.sending ??= this.send().finally(() => (this.sending = undefined))
    return this.sending
  }

  private async send(): Promise<void> {
    const bundle = this.outbox.due(this.now())
    if (bundle === undefined) return
    const message = messageOf(this.session, bundle, this.redact)
    const deliveries = await deliver(this.settings.channels, message, this.redact, true)
    for (const delivery of deliveries) this.onDelivery(delivery, message)
    const isTaken = this.settings.channels.length === 0 || deliveries.some((one) => one.isTaken)
    if (!isTaken) return this.outbox.failed(this.now())
    this.outbox.told(bundle, this.now())
    this.recent.unshift(...message.bundle.alerts)
    this.recent.length = Math.min(this.recent.length, KEPT)
  }
}

/** Gives a message to channels in their order: to all, or until one takes it. Never throws. */
export async function deliver(
  channels: readonly Channel[],
  message: Message,
  redact: (text: string) => string,
  untilTaken: boolean,
): Promise<Delivery[]> {
  // prettier-ignore
  const deliveries: Delivery[] = []
  for (const channel of channels) {
    try {
      await sendTo(channel, message)
      deliveries.push({ channel: channel.kind, isTaken: true, detail: '' })
      if (untilTaken) break
    } catch (error) {
      deliveries.push({ channel: channel.kind, isTaken: false, detail: redact(wordsOf(error)) })
    }
  }
  return deliveries
}

/** fetch hides why behind "fetch failed". */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : undefined // prettier-ignore
  return cause === undefined ? error.message : `${error.message}: ${cause}`
}
