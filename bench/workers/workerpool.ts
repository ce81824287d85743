// The worker of workerpool: the same tasks, registered its way.
import workerpool from "workerpool";
import { addOne, burn, whoAmI } from "../tasks.ts";

workerpool.worker({ addOne, burn, whoAmI });
