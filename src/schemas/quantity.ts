import { z } from 'zod';

/**
 * A Kubernetes resource quantity in any form the API server accepts: plain (`2`), decimal exponent (`1e3`), decimal
 * suffix (`500m`, `2k`) or binary suffix (`4Gi`). Numbers are taken as their decimal text.
 *
 * @see Kubernetes API conventions, resource.Quantity
 */
export const quantityPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

export const Quantity = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().max(64).regex(quantityPattern, 'must be a Kubernetes quantity such as 500m, 2 or 4Gi'));

/** A quantity of something that is asked for or sold: never negative. */
export const Amount = Quantity.refine((text) => !text.startsWith('-'), 'must not be negative');
