import type { Command } from 'commander';
export function addIntentCommands(_program: Command): void {}
