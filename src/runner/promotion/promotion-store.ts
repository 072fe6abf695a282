import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical-json.js'
import { CheckError } from '../../core/errors.js'
import { replaceTextFile } from '../../store/files.js'
import { withStoreLock } from '../../store/lock.js'
import { readWitness, witnessPath, witnessText, type Witness } from '../../store/witness.js'
import { FIRST_PREVIOUS, PROMOTION_SCHEMA, promotionFault, signPromotion, type Promotion, type SignedPromotion } from './record.js' // prettier-ignore

export const DEFAULT_PROMOTIONS_FOLDER = '.baleen/promotions'
/** One record a line, canonical JSON. */
const FILE = 'promotions.jsonl'

/** All promotions, oldest first. Throws CheckError naming the line where a record was changed, removed, moved or not signed by the key. */
export async function readPromotions(folder: string, publicKey: string): Promise<readonly Promotion[]> {
  return (await readSigned(folder, publicKey)).map(({ promotion }) => promotion)
}

async function readSigned(folder: string, publicKey: string): Promise<readonly SignedPromotion[]> {
  const file = join(folder, FILE)
  const witness = readWitness(file)
  if (!existsSync(file)) {
    requireAll(file, [], witness)
    return []
  }
  const text = await readFile(file, 'utf8')
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new CheckError('the last record is cut off: promote anew', { file, row: lines.length + 1 }) // prettier-ignore
  let previous = FIRST_PREVIOUS
  const records = lines.map((line, at) => {
    const record = parse(line)
    const fault = record === undefined ? 'is no record' : promotionFault(record, previous, publicKey)
    if (record === undefined || fault !== undefined)
      throw new CheckError(`a record of promotions ${fault}: nothing after it can be trusted`, { file, row: at + 1 }) // prettier-ignore
    previous = record.hash
    return record
  })
  requireAll(file, records, witness)
  return records
}

/** Throws CheckError where records were taken off the end: those that are left are a whole chain. */
function requireAll(file: string, records: readonly SignedPromotion[], witness: Witness | undefined): void {
  if (witness === undefined || records[witness.count - 1]?.hash === witness.hash) return
  throw new CheckError(`records of promotions are missing, or others than those that were written: ${records.length} are there, ${witnessPath(file)} tells of ${witness.count}`, { file, row: records.length }) // prettier-ignore
}

/** Undefined for whatever is not, to the last byte, a line as it is written. */
function parse(line: string): SignedPromotion | undefined {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch {
    return undefined
  }
  return isSigned(record) && canonicalJson(record) === line ? record : undefined
}

function isSigned(value: unknown): value is SignedPromotion {
  if (typeof value !== 'object' || value === null) return false
  const { promotion, previous, hash, signature } = value as Partial<SignedPromotion>
  const areTexts = [previous, hash, signature].every((text) => typeof text === 'string')
  return areTexts && (promotion as Partial<Promotion> | null | undefined)?.schema === PROMOTION_SCHEMA
}

/** Signs and appends a record, durably. Throws CheckError where those before it are not whole. */
export async function appendPromotion(
  folder: string,
  promotion: Promotion,
  keys: { readonly privateKey: string; readonly publicKey: string },
): Promise<void> {
  await withStoreLock(
    folder,
    async () => {
      const before = await readSigned(folder, keys.publicKey)
      const signed = signPromotion(before.at(-1)?.hash ?? FIRST_PREVIOUS, promotion, keys.privateKey)
      const file = join(folder, FILE)
      await replaceTextFile(file, [...before, signed].map((one) => `${canonicalJson(one)}\n`).join('')) // prettier-ignore
      await replaceTextFile(witnessPath(file), witnessText({ count: before.length + 1, hash: signed.hash }))
    },
    undefined,
    'promoting in this folder',
  )
}
