import { createReadStream } from 'node:fs'

const LINE_FEED = 0x0a

/**
 * The line of a plain text table on which a row stands, header counted: row + 1. Undefined where the file is no such table or does not have one
 * line for each of its rows, as with texts that hold line breaks. Reads the file.
 *
 * @param rows how many rows the file has
 */
export async function lineOfRow(file: string, row: number, rows: number): Promise<number | undefined> {
  if (!/\.(csv|tsv|txt)$/i.test(file)) return undefined
  return (await countLines(file)) === rows + 1 ? row + 1 : undefined
}

/** An unfinished last line counts, an empty one does not. */
async function countLines(file: string): Promise<number> {
  let lines = 0
  let last = LINE_FEED
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines++
    last = chunk[chunk.length - 1] ?? last
  }
  return last === LINE_FEED ? lines : lines + 1
}
