/**
 * The word that a misspelt one probably meant: the nearest by insertions, deletions, replacements and swaps of neighbours (Damerau 1964,
 * restricted), if at most a third of the longer word differs; undefined where none is near. O(words · letters²).
 */
export function closestWord(word: string, words: Iterable<string>): string | undefined {
  let [closest, least]: [string | undefined, number] = [undefined, Infinity]
  for (const one of words) {
    const distance = editDistance(word.toLowerCase(), one.toLowerCase())
    if (distance < least && distance <= Math.max(1, Math.max(word.length, one.length) / 3))
      [closest, least] = [one, distance]
  }
  return closest
}

/** `, did you mean fast? There are fast, slow`, or `; there are fast, slow`: stands behind "there is none of this name". */
export function thereAre(word: string, words: readonly string[]): string {
  const closest = closestWord(word, words)
  const meant = closest === undefined ? '; there' : `, did you mean ${closest}? There`
  return `${meant} are ${words.join(', ') || 'none'}`
}

function editDistance(from: string, to: string): number {
  let [twoBefore, before]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)]
  for (let row = 1; row <= from.length; row++) {
    const now = [row]
    for (let at = 1; at <= to.length; at++) {
      const isSame = from[row - 1] === to[at - 1]
      const isSwap = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1]
      const steps = [before[at]! + 1, now[at - 1]! + 1, before[at - 1]! + (isSame ? 0 : 1)]
      now.push(Math.min(...steps, isSwap ? twoBefore[at - 2]! + 1 : Number.POSITIVE_INFINITY))
    }
    ;[twoBefore, before] = [before, now]
  }
  return before[to.length]!
}
