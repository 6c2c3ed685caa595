/** Label on everything an intent puts into its namespace; its value is the intent's name. */
export const intentLabel = 'rearflow.io/intent';
