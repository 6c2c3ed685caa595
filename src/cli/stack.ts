import type { Command } from 'commander';
export function addStackCommands(_program: Command): void {}
