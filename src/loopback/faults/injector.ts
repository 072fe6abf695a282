import { createHash } from 'node:crypto'
import type { View } from '../reply.js'
import type { FaultName, FaultPlan, FaultRule, Where } from './plan.js'

/** One fault that was injected: what a campaign holds against what a client made of it. */
export interface InjectedFault {
  /** Virtual UTC ms. */
  readonly time: number
  readonly fault: FaultName
  readonly where: Where
  /** Path or stream. */
  readonly path: string
  /** Which request, row or message, in words. */
  readonly what: string
}

/** Decides by hashes, not by a sequence of random numbers: what is asked elsewhere, or before, changes nothing. */
export class FaultInjector {
  private readonly asked = new Map<string, number>()

  constructor(
    private readonly plan: FaultPlan,
    private readonly tell: (fault: InjectedFault) => void,
  ) {}

  /** How often this very question was asked, from 0: so that asking again may end otherwise. */
  ordinal(question: string): number {
    const count = this.asked.get(question) ?? 0
    this.asked.set(question, count + 1)
    return count
  }

  /** The first rule of this kind that strikes, told to the truth log. */
  strikes(fault: FaultName, where: Where, path: string, what: string, nowMs: number): FaultRule | undefined {
    const rule = this.find(fault, where, path, what, nowMs)
    if (rule !== undefined) this.tell({ time: nowMs, fault, where, path, what })
    return rule
  }

  private find(
    fault: FaultName,
    where: Where,
    path: string,
    what: string,
    nowMs: number,
  ): FaultRule | undefined {
    // prettier-ignore
    return this.plan.rules.find(
      (rule, at) =>
        rule.fault === fault &&
        rule.where === where &&
        (rule.path === undefined || path.includes(rule.path)) &&
        nowMs >= rule.startMs &&
        nowMs < rule.endMs &&
        (rule.chance === 1 || this.draw(at, `${path} ${what}`) < rule.chance),
    )
  }

  /** Uniform in [0, 1), a function of seed, rule and question. */
  private draw(rule: number, what: string): number {
    const hash = createHash('sha256').update(`${this.plan.seed} ${rule} ${what}`).digest()
    return hash.readUIntBE(0, 6) / 2 ** 48
  }

  /** The times by which a question is answered. */
  view(where: Where, path: string, what: string, nowMs: number): View {
    let [knownMs, clockMs] = [nowMs, nowMs]
    const late = this.strikes('late', where, path, what, nowMs)
    if (late !== undefined) knownMs -= late.delayMs
    const frozen = this.strikes('frozen', where, path, what, nowMs)
    if (frozen !== undefined) knownMs = Math.min(knownMs, frozen.startMs)
    const skewed = this.strikes('clock-skew', where, path, what, nowMs)
    if (skewed !== undefined) clockMs += skewed.skewMs
    return { knownMs, clockMs }
  }
}
