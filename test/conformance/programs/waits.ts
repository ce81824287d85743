// Has nothing to do but wait: each way of waiting must keep the process alive by itself.
import { asCompleted, clusterResources, get, init, remote, shutdown, sleep, wait } from "ray-ts";

const address = process.argv[2] ?? "local";
await init({ address, numCpus: 1 });
const soon = remote(async (n: number) => {
  // Long enough for the driver to have nothing else to do, whatever the machine does.
  await sleep(20);
  return n;
});
const seen: unknown[] = [await get(soon.remote(1))];
const [ready] = await wait([soon.remote(2)]);
seen.push(await get(ready));
for await (const ref of asCompleted([soon.remote(3)])) seen.push(await get(ref));
await sleep(1);
seen.push((await clusterResources())["CPU"]);
await shutdown();
console.log(JSON.stringify(seen.flat()));
