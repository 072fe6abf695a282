/** Waits for SIGINT or SIGTERM in place of ending at once; answers the code to exit with. */
export function untilSignal(): Promise<number> {
  return new Promise((end) => {
    process.removeAllListeners('SIGINT').once('SIGINT', () => end(130))
    process.removeAllListeners('SIGTERM').once('SIGTERM', () => end(143))
  })
}
