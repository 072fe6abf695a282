import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { NOTEBOOKS } from './notebook-files.js'

const { readOnceBound } = (await import(pathToFileURL(join(NOTEBOOKS, 'bound-sockets.mjs')).href)) as {
  readonly readOnceBound: (kinds: readonly { readonly prototype: object }[]) => void
}

/** Like ZeroMQ's: while a socket is being bound, nothing can be done with it. */
function socketsLikeZeroMq() {
  return class FakeSocket {
    #isBinding = false
    readonly #messages: string[] = []

    async bind(milliseconds: number): Promise<void> {
      this.#isBinding = true
      this.#messages.push(`asked after ${milliseconds} ms`)
      await new Promise((done) => setTimeout(done, milliseconds))
      this.#isBinding = false
    }

    get isBinding(): boolean {
      return this.#isBinding
    }

    [Symbol.asyncIterator]() {
      return {
        next: async () => {
          await Promise.resolve()
          if (this.#isBinding) throw new Error('Socket is blocked by a bind or unbind operation')
          const value = this.#messages.shift()
          return value === undefined ? { done: true as const, value } : { done: false as const, value }
        },
      }
    }
  }
}

/** As the kernel does it: readers first, then every socket bound in the same turn. Answers what was read, and whether any socket was being bound then. */
async function startKernel(
  FakeSocket: ReturnType<typeof socketsLikeZeroMq>,
): Promise<{ read: string[]; early: number }> {
  const [shell, control, iopub] = [new FakeSocket(), new FakeSocket(), new FakeSocket()]
  const read: string[] = []
  let early = 0
  const readers = [shell, control].map(async (socket) => {
    for await (const message of socket) {
      if ([shell, control, iopub].some(({ isBinding }) => isBinding)) early++
      read.push(message)
    }
  })
  await Promise.all([...readers, shell.bind(5), control.bind(10), iopub.bind(40)])
  return { read, early }
}

describe('sockets of the kernel', () => {
  test('are read once all of them are bound, and what came before is not lost', async () => {
    const FakeSocket = socketsLikeZeroMq()
    readOnceBound([FakeSocket])
    expect(await startKernel(FakeSocket)).toEqual({
      read: ['asked after 5 ms', 'asked after 10 ms'],
      early: 0,
    })
  })

  test('would be read before, and the kernel lost, without that', async () => {
    await expect(startKernel(socketsLikeZeroMq())).rejects.toThrow('blocked by a bind')
  })
})
