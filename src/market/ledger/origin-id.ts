/** Ids that a rearflow seller mints for flavors and transactions: hash of the origin, chance, nanoseconds. */
export const originId = /^([0-9a-f]{10})-[0-9a-f]{22}-\d{16,20}$/;
