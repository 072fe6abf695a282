import type { Message } from './message.js'
import type { Channel } from './settings.js'

/** A channel that takes longer is taken to have failed. */
const TIMEOUT_MS = 10_000
/** What one message of Telegram holds. */
const TELEGRAM_LETTERS = 4_000

/** Sends a message. Throws where the channel has not taken it; what it throws may hold secrets, so that it is shown to nobody unredacted. */
export async function sendTo(channel: Channel, message: Message): Promise<void> {
  switch (channel.kind) {
    case 'email':
      return sendMail(channel, message)
    case 'webhook':
      return post(channel.url, webhookBody(message), channel.token)
    case 'telegram': {
      const { address, chat, token } = channel
      const text = `${message.subject}\n\n${message.text}`
      for (let at = 0; at < text.length; at += TELEGRAM_LETTERS)
        await post(`${address}/bot${token}/sendMessage`, { chat_id: chat, text: text.slice(at, at + TELEGRAM_LETTERS), disable_web_page_preview: true }) // prettier-ignore
    }
  }
}

async function sendMail(
  { host, port, secure, from, to, user, password }: Extract<Channel, { kind: 'email' }>,
  { subject, text }: Message,
): Promise<void> {
  // prettier-ignore
  const { createTransport } = await import('nodemailer')
  const isHere = host === '127.0.0.1' || host === 'localhost'
  const transport = createTransport({
    host,
    port,
    secure,
    // A password goes over the network only encrypted.
    requireTLS: !secure && user !== undefined && !isHere,
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({ from, to: [...to], subject, text })
  } finally {
    transport.close()
  }
}

function webhookBody({ session, subject, text, bundle }: Message): object {
  const severity = bundle.alerts[0]?.severity ?? 'note'
  return {
    source: 'baleen',
    session,
    severity,
    subject,
    text,
    alerts: bundle.alerts,
    dropped: bundle.dropped,
  }
}

async function post(url: string, body: object, token?: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, // prettier-ignore
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`it answered ${answer.status}`)
}
