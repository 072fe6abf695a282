/** Something that is to happen at a time. */
interface Task {
  /** UTC ms. */
  readonly at: number
  readonly work: () => void
}

/** What is on its way, by time and then in the order in which it was put down. O(tasks) to put one down: there are few at a time. */
export class QuoteAgenda {
  private readonly tasks: Task[] = []

  at(time: number, work: () => void): void {
    let place = this.tasks.length
    while (place > 0 && (this.tasks[place - 1] as Task).at > time) place--
    this.tasks.splice(place, 0, { at: time, work })
  }

  /** Takes out the next task that is due by a time; undefined where there is none. */
  next(time: number): Task | undefined {
    const [first] = this.tasks
    if (first === undefined || first.at > time) return undefined
    return this.tasks.shift()
  }
}
