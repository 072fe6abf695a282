/** Long work in short steps, between which its caller may do something else. What it answers at its end does not depend on that. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Does all steps, one after the other. */
export function inOneGo<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
