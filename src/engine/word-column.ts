/**
 * A growing column of a few words (at most 256 different ones): a byte each, that nobody collects. Words and nothing else: a comparison
 * that has seen other kinds of value costs ten times as much.
 */
export class WordColumn<Word extends string> {
  length: number = 0
  private readonly words: Word[] = []
  private codes: Uint8Array = new Uint8Array(1_024)

  push(word: Word): void {
    if (this.length === this.codes.length) this.grow()
    this.set(this.length++, word)
  }

  /** Puts another word in place of the one that stands there. O(different words). */
  set(at: number, word: Word): void {
    const { words } = this
    let code = 0
    while (code < words.length && words[code] !== word) code++
    if (code === words.length) words.push(word)
    this.codes[at] = code
  }

  at(at: number): Word {
    return this.words[this.codes[at] as number] as Word
  }

  list(): Word[] {
    const { words, codes, length } = this
    const list = new Array<Word>(length)
    for (let at = 0; at < length; at++) list[at] = words[codes[at] as number] as Word
    return list
  }

  private grow(): void {
    const larger = new Uint8Array(this.codes.length * 4)
    larger.set(this.codes)
    this.codes = larger
  }
}
