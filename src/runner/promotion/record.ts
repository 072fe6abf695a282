import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { canonicalJson } from '../../core/canonical-json.js'
import type { RunInputs } from '../../jobs/manifest.js'
import { CheckError } from '../../core/errors.js'
import { stableJson } from '../../jobs/json.js'
import { hashText } from '../../store/files.js'
import type { Gate, PromotedStage } from './gates.js'

export const PROMOTION_SCHEMA = 1
/** What the first record follows. */
export const FIRST_PREVIOUS: string = '0'.repeat(64)

/** SHA-256 of everything that a promotion vouches for. */
export interface PromotedHashes {
  /** Decision code of the package, the strategy file and the files it imports. */
  readonly decision: string
  /** The strategy's name, preset and params. */
  readonly params: string
  /** Risk settings, policies, costs, balance, instruments with their terms, timeframe, which facts are read from where. */
  readonly limits: string
  /** All rows that the run could read. */
  readonly data: string
  /** Gates, and what they were judged by. */
  readonly evidence: string
  /** The rest of the package. A change asks for a carry-over. */
  readonly other: string
  /** Packages that both stand on. A change asks for a carry-over. */
  readonly dependencies: string
}

/** One step of one bot. */
export interface Promotion {
  readonly schema: typeof PROMOTION_SCHEMA
  /** `carry-over`: the code around the decisions changed, and all evidence came out the same, byte for byte, under the new one. */
  readonly kind: 'promotion' | 'carry-over'
  /** UTC, ISO 8601. */
  readonly at: string
  readonly stage: PromotedStage
  readonly strategy: string
  readonly runId: string
  readonly hashes: PromotedHashes
  readonly gates: readonly Gate[]
}

/** A line of the file of promotions. */
export interface SignedPromotion {
  readonly promotion: Promotion
  /** Hash of the record before. */
  readonly previous: string
  /** SHA-256 of the previous hash and the promotion's canonical JSON. */
  readonly hash: string
  /** Ed25519 over the hash, base64. */
  readonly signature: string
}

/** The parts of a run that a promotion vouches for; `evidence` is what was found besides. */
export function promotedHashes(inputs: RunInputs, evidence: unknown): PromotedHashes {
  const { strategy, policies, costs, startingBalance, instruments, timeframeMs, funding, factOverrides, code, data } = inputs // prettier-ignore
  const { name, preset, params, risk, factsRead } = strategy
  return {
    decision: code.decision,
    params: hashOf({ name, preset, params }),
    limits: hashOf({ risk, factsRead, policies, costs, startingBalance, instruments, timeframeMs, funding, factOverrides }), // prettier-ignore
    data: data.hash,
    evidence: hashOf(evidence),
    other: code.other,
    dependencies: code.dependencies,
  }
}

function hashOf(value: unknown): string {
  return hashText(stableJson(value))
}

export function promotionHash(previous: string, promotion: Promotion): string {
  return hashText(previous + canonicalJson(promotion))
}

export function signPromotion(previous: string, promotion: Promotion, privateKey: string): SignedPromotion {
  const hash = promotionHash(previous, promotion)
  const signature = sign(null, Buffer.from(hash), createPrivateKey(privateKey)).toString('base64')
  return { promotion, previous, hash, signature }
}

/** What is wrong with a record that should follow `previous`; undefined where nothing is. */
export function promotionFault(
  { promotion, previous, hash, signature }: SignedPromotion,
  after: string,
  publicKey: string,
): string | undefined {
  if (previous !== after) return 'does not follow the record before it: one was removed, added or moved'
  if (hash !== promotionHash(previous, promotion)) return 'was changed'
  const bytes = Buffer.from(signature, 'base64')
  const isCanonical = bytes.toString('base64') === signature
  return isCanonical && verify(null, Buffer.from(hash), publicKeyOf(publicKey), bytes)
    ? undefined
    : 'is not signed by the key of this machine'
}

function publicKeyOf(text: string): KeyObject {
  try {
    return createPublicKey(text)
  } catch {
    throw new CheckError('the public key of promotions is no key: it was changed or damaged')
  }
}
