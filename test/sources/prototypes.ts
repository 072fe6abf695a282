/** What anybody's object inherits from. */
const PROTOTYPES: readonly object[] = [Object, Function, Array, String, Number, Boolean, Map, Set, Promise, Error].map(({ prototype }) => prototype as object) // prettier-ignore

interface Snapshot {
  readonly keys: readonly PropertyKey[]
  readonly values: readonly unknown[]
}

function snapshot(prototype: object): Snapshot {
  const keys = Reflect.ownKeys(prototype)
  const values = keys.flatMap((key) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key)!
    return [value as unknown, get, set]
  })
  return { keys, values }
}

const before = PROTOTYPES.map(snapshot)

/** Whether somebody added to a prototype since this module was loaded; looked at closely, also whether anything of one was changed. */
export function prototypesTouched(closely: boolean): boolean {
  return PROTOTYPES.some((prototype, index) => {
    const { keys, values } = before[index]!
    if (Reflect.ownKeys(prototype).length !== keys.length) return true
    return closely && snapshot(prototype).values.some((value, at) => value !== values[at])
  })
}
