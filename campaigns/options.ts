/** What every campaign takes. */
export interface CampaignOptions {
  /** Cases. */
  readonly size: number
  readonly seed: number
  /** File that results are kept in, so that a campaign goes on where it was stopped. */
  readonly keep?: string
  /** The cases of one of several processes that run beside each other with one file. */
  readonly part?: { readonly index: number; readonly of: number }
}

export function isInPart(index: number, { part }: CampaignOptions): boolean {
  return part === undefined || index % part.of === part.index
}
