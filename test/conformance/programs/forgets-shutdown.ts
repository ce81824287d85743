// Uses the cluster, never says that it is done, and is to end all the same.
import { get, init, put, remote } from "ray-ts";

await init({ address: process.argv[2] ?? "local", numCpus: 1 });
const kept = [put(1), remote((n: number) => n + 1).remote(1)] as const;
console.log(JSON.stringify(await get(kept)));
