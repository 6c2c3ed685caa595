/** Label on everything an intent puts into its namespace; its value is the intent's name. */
export const intentLabel = 'rearflow.io/intent';
/** Annotation that names the owning workflow; the sweep and the leak check go by it. */
export const ownerAnnotation = 'rearflow.io/owner';
