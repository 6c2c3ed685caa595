/** The selling node of the fuzz: one address sends everything, and contracts end without grace. */
export const sellerSettings = { gateway: { changesPerSecond: 1_000_000 }, liqo: { drainGrace: '0s' } };
