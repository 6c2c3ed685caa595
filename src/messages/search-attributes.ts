import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const phaseKey = defineSearchAttributeKey('RearflowPhase', SearchAttributeType.KEYWORD);
export const intentKey = defineSearchAttributeKey('RearflowIntent', SearchAttributeType.KEYWORD);
export const providerKey = defineSearchAttributeKey('RearflowProvider', SearchAttributeType.KEYWORD);
export const contractKey = defineSearchAttributeKey('RearflowContract', SearchAttributeType.KEYWORD);
export const outcomeKey = defineSearchAttributeKey('RearflowOutcome', SearchAttributeType.KEYWORD);
export const expiresAtKey = defineSearchAttributeKey('RearflowExpiresAt', SearchAttributeType.DATETIME);
