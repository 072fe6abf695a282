/**
 * A kernel of tslab reads its sockets while they are still being bound. Where Jupyter is quick, its first question comes within those
 * milliseconds, and ZeroMQ refuses to answer it, or to read on, as long as a socket is "blocked by a bind": the kernel then stays silent for ever.
 * Here nobody reads before every socket is bound. What arrives meanwhile waits in the queue of its socket.
 * @param {readonly { prototype: object }[]} kinds the classes of ZeroMQ's sockets that a kernel has; changed in place
 */
export function readOnceBound(kinds) {
  const bound = []
  let whole

  for (const { prototype } of kinds) {
    const { bind, [Symbol.asyncIterator]: iterate } = prototype
    // What they inherit is native, and cannot be assigned to.
    Object.defineProperty(prototype, 'bind', {
      value(address) {
        const done = bind.call(this, address)
        bound.push(done)
        return done
      },
    })
    Object.defineProperty(prototype, Symbol.asyncIterator, {
      value() {
        const messages = iterate.call(this)
        return {
          async next() {
            // Readers are set up first, and all sockets bound in the same turn of the event loop.
            whole ??= new Promise(setImmediate).then(() => Promise.all(bound))
            await whole
            return messages.next()
          },
        }
      },
    })
  }
}
