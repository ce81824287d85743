// A crawler over a site of its own, on this machine: tasks fetch pages side by side, and the driver decides what comes next as soon as
// any one of them is ready. Errors of the net are tried again.
//
//   npx tsx examples/crawler.ts [pages]
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as ray from "ray-ts";

const pages = Number(process.argv[2] ?? 60);

/** Page n links to 2n + 1 and 2n + 2, and back to the first. Each takes its time, and each seventh request fails. */
let requests = 0;
const server = createServer((request, response) => {
  const page = Number(request.url?.slice(1));
  requests += 1;
  if (requests % 7 === 0) return void request.socket.destroy();
  const links = [2 * page + 1, 2 * page + 2, 0].filter((link) => link < pages);
  setTimeout(() => response.end(links.map((link) => `<a href="/${link}">page ${link}</a>`).join("\n")), 100);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Page {
  readonly url: string;
  readonly links: readonly string[];
}

// A fetch keeps no processor busy: many at once are welcome.
const visit = ray.remote(
  async (url: string): Promise<Page> => {
    const text = await (await fetch(url)).text();
    return { url, links: [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => new URL(link ?? "", url).href) };
  },
  { numCpus: 0.25, retryExceptions: [TypeError], maxRetries: 5, retryDelayMs: { baseMs: 10, maxMs: 1_000 } },
);

const began = performance.now();
const seen = new Set([`${site}/0`]);
let pending = [...seen].map((url) => visit.remote(url));
let visited = 0;
while (pending.length > 0) {
  const [ready, rest] = await ray.wait(pending);
  pending = rest;
  for (const { links } of await ray.get(ready)) {
    visited += 1;
    const fresh = links.filter((link) => !seen.has(link));
    for (const link of fresh) seen.add(link);
    pending.push(...fresh.map((link) => visit.remote(link)));
  }
}
console.log(
  `${visited} pages in ${Math.round(performance.now() - began)} ms; one after the other they take ${pages * 100} ms.`,
);
server.close();
