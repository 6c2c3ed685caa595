import type { KubeObject } from './cluster.ts';

/** Annotation that names the workflow which created an object; only that one may change or delete it. */
export const ownerAnnotation = 'rearflow.io/owner';

/** @param owner workflow id, for example `intent/web` */
export const isOwnedBy = (object: KubeObject, owner: string): boolean =>
  object.metadata.annotations?.[ownerAnnotation] === owner;
