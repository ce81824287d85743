// Who takes part, ours first: the others are compared with it.
import type { Contender } from "./contender.ts";
import { piscinaLarge } from "./contenders/piscina-large.ts";
import { piscina, piscina64 } from "./contenders/piscina.ts";
import { poolifier } from "./contenders/poolifier.ts";
import { rayTs } from "./contenders/ray-ts.ts";
import { tinypool } from "./contenders/tinypool.ts";
import { workerpool } from "./contenders/workerpool.ts";

/** With large arrays, in a table of their own. */
export const largeContenders: readonly Contender[] = [rayTs, ...piscinaLarge];

export const contenders: readonly Contender[] = [rayTs, piscina, piscina64, tinypool, workerpool, poolifier];
