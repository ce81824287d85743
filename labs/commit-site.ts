// A small web site on this machine for lab 02: the commit pages of four invented repositories, each served after a delay.
import { createServer, type Server } from "node:http";

export interface Commit {
  readonly repository: string;
  readonly id: string | undefined;
  readonly author: string | undefined;
  readonly title: string | undefined;
}

export const repositories: readonly string[] = ["harbour/tide", "orchard/pear", "quarry/slate", "meadow/lark"];

export interface CommitSite {
  readonly url: string;
  close(): Promise<void>;
}

export async function startCommitSite(latencyMs: number): Promise<CommitSite> {
  const server = createServer((request, response) => {
    const repository = /^\/(.+)\/commits$/.exec(request.url ?? "")?.[1];
    setTimeout(() => {
      response.writeHead(repository === undefined ? 404 : 200, { "content-type": "text/html" });
      response.end(repository === undefined ? "no such page" : pageOf(repository));
    }, latencyMs);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

const authors = ["Ada", "Bo", "Chidi", "Dunya", "Emre"];
const verbs = ["Add", "Fix", "Explain", "Remove", "Measure"];
const nouns = ["the cache", "a leak", "the parser", "two tests", "the retry rule", "an old flag", "the index"];

function pageOf(repository: string): string {
  const items = Array.from({ length: 20 }, (_, index) => {
    const number = index * 31 + repository.length * 7 + (repository.codePointAt(0) ?? 0);
    const pick = (words: readonly string[]): string => words[number % words.length] ?? "";
    const id = (number * 2_654_435_761).toString(16).slice(-7);
    return `<li data-id="${id}"><b>${pick(authors)}</b> <i>${pick(verbs)} ${pick(nouns)}</i></li>`;
  });
  return `<!doctype html><title>${repository}</title><ol>\n${items.join("\n")}\n</ol>`;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the commit site got no port");
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Browsers and fetch keep their connections open for a next request that never comes.
  server.closeAllConnections();
  await closed;
}
