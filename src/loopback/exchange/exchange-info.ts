import { decimal } from '../decimal.js'
import type { View } from '../reply.js'
import type { Listed, Market, Venue } from './venue.js'

/** The venue's word for "never": perpetuals are delivered on 2100-12-25. */
const NEVER_DELIVERED = 4_133_404_800_000

/** Requests' weight a minute. Source: `rateLimits` of both exchangeInfo answers. */
export const WEIGHT_LIMIT: Readonly<Record<Market, number>> = { spot: 6_000, usdm: 2_400 }

/**
 * Rules of trading and symbols. Sources: Binance spot API, "Exchange information", `GET /api/v3/exchangeInfo`; USDⓈ-M futures, "Exchange Information",
 * `GET /fapi/v1/exchangeInfo`. Symbols that have no tick or lot of their own tell 8 decimals.
 */
export function exchangeInfo(venue: Venue, market: Market, { clockMs }: View): object {
  const weight = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: WEIGHT_LIMIT[market] } // prettier-ignore
  const common = { timezone: 'UTC', serverTime: clockMs, rateLimits: [weight], exchangeFilters: [] }
  const symbols = [...venue[market].values()]
  if (market === 'spot') return { ...common, symbols: symbols.map(spotSymbol) }
  const assets = [...new Set(symbols.map(({ instrument }) => instrument.quote))]
  return {
    ...common,
    futuresType: 'U_MARGINED',
    assets: assets.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: '-10000' })),
    symbols: symbols.map((one) => perpetualSymbol(one, venue.world.startTime)),
  }
}

function spotSymbol({ symbol, instrument }: Listed): object {
  const { base, quote, minNotional } = instrument
  return {
    symbol,
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      ...priceAndLot(instrument.tickSize, instrument.lotSize),
      { filterType: 'NOTIONAL', minNotional: decimal(minNotional), applyMinToMarket: true, maxNotional: '9000000.00000000', applyMaxToMarket: false, avgPriceMins: 5 }, // prettier-ignore
    ],
    permissions: ['SPOT'],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  }
}

function perpetualSymbol({ symbol, instrument }: Listed, startTime: number): object {
  const { base, quote, tickSize, lotSize, minNotional, margin, listedAt } = instrument
  const [first] = margin?.tiers ?? []
  return {
    symbol,
    pair: symbol,
    contractType: 'PERPETUAL',
    deliveryDate: NEVER_DELIVERED,
    onboardDate: listedAt ?? startTime,
    status: 'TRADING',
    // The venue says of these two itself: "ignore".
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: base,
    quoteAsset: quote,
    marginAsset: quote,
    pricePrecision: decimals(tickSize),
    quantityPrecision: decimals(lotSize),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: decimal(margin?.liquidationFee ?? 0),
    marketTakeBound: '0.05',
    filters: [
      ...priceAndLot(tickSize, lotSize),
      { filterType: 'MARKET_LOT_SIZE', minQty: step(lotSize), maxQty: '100000000', stepSize: step(lotSize) },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MIN_NOTIONAL', notional: decimal(minNotional) },
      { filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
    ...(first && { maxLeverage: first.maxLeverage }),
  } // prettier-ignore
}

function priceAndLot(tickSize: number, lotSize: number): object[] {
  return [
    { filterType: 'PRICE_FILTER', minPrice: step(tickSize), maxPrice: '100000000', tickSize: step(tickSize) },
    { filterType: 'LOT_SIZE', minQty: step(lotSize), maxQty: '100000000', stepSize: step(lotSize) },
  ]
}

function step(size: number): string {
  return decimal(size === 0 ? 1e-8 : size)
}

function decimals(size: number): number {
  return step(size).split('.')[1]?.length ?? 0
}
