import { z } from 'zod';
import { dimensions } from '../market/ledger/amounts.ts';
import type { InventoryInput } from '../messages/inventory/state.ts';
import { Location, Partitionability, Price, Properties } from '../schemas/wire.ts';

const Input = z.looseObject({
  origin: z.looseObject({
    hash: z.string().min(1),
    name: z.string().min(1),
    worth: z.partialRecord(z.enum(dimensions), z.string()),
    architecture: z.string(),
    gpuModel: z.string().optional(),
    policy: Partitionability,
    price: Price,
    location: Location.optional(),
    properties: Properties,
  }),
  renewAfter: z.number().positive().optional(),
});

/** What an inventory was started with, as its history has it. @returns undefined when it is something else */
export function readInventoryInput(given: unknown): Pick<InventoryInput, 'origin' | 'renewAfter'> | undefined {
  return Input.safeParse(given).success ? (given as InventoryInput) : undefined;
}
