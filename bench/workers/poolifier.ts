// The worker of poolifier: the same tasks, registered its way.
import { ThreadWorker } from "poolifier";
import { addOne, burn, whoAmI } from "../tasks.ts";

// It asks for at least one optional parameter, which all contenders give.
const given = (task: (x: number) => number | Promise<number>) => (x?: number) => task(x ?? Number.NaN);

export default new ThreadWorker<number, number | Promise<number>>({
  addOne: given(addOne),
  burn: given(burn),
  whoAmI: async (x?: number) => whoAmI(x ?? Number.NaN),
});
