/** How a bridge contract is written down once: commands with input and output, events with their data. */
import { z } from 'zod';

export interface CommandContract {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** Commands go to the side that serves the contract, events come from it. */
export interface Contract {
  readonly commands: Readonly<Record<string, CommandContract>>;
  readonly events: Readonly<Record<string, z.ZodType>>;
}

export type CommandName<C extends Contract> = keyof C['commands'] & string;
export type EventName<C extends Contract> = keyof C['events'] & string;

/** What a caller passes; parsed on arrival. */
export type InputOf<C extends Contract, N extends CommandName<C>> = z.input<C['commands'][N]['input']>;
/** What a handler receives. */
export type ParsedInputOf<C extends Contract, N extends CommandName<C>> = z.output<C['commands'][N]['input']>;
export type OutputOf<C extends Contract, N extends CommandName<C>> = z.output<C['commands'][N]['output']>;
export type EventOf<C extends Contract, N extends EventName<C>> = z.output<C['events'][N]>;

/** A complete map: a command without a handler does not compile. */
export type Handlers<C extends Contract> = {
  readonly [N in CommandName<C>]: (input: ParsedInputOf<C, N>) => OutputOf<C, N> | Promise<OutputOf<C, N>>;
};

/** Takes a contract as it is and keeps its exact type. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract;
}

export const nothing = z.void();
export const noInput = z.undefined();
