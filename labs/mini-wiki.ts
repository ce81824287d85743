// An encyclopaedia of forty invented pages that link to each other, and a very small reader, for lab 03.

export interface Page {
  readonly text: string;
  readonly links: readonly string[];
}

/** A known name found in a page. */
export interface Entity {
  readonly page: string;
  readonly name: string;
  readonly kind: "place" | "person" | "river";
}

const places = ["Arvend", "Belmora", "Corrin", "Dastry", "Elvane", "Farholm", "Gellick", "Hostra", "Immer", "Jorvale"];
const persons = ["Mira", "Anselm", "Tovah", "Ruben"];
const rivers = ["Lethe", "Orme", "Sill"];
const topics = ["history", "music", "trade", "weather"];

/** Where the reading starts: one page for each of three topics. */
export const startPages: readonly string[] = ["Arvend, history", "Corrin, music", "Elvane, trade"];

/** Every place has a page for every topic. */
export const wiki: Readonly<Record<string, Page>> = Object.fromEntries(
  topics.flatMap((topic, row) => places.map((_, column) => [titleOf(row, column), pageOf(topic, row, column)])),
);

function titleOf(row: number, column: number): string {
  return `${nth(places, column)}, ${nth(topics, row)}`;
}

function pageOf(topic: string, row: number, column: number): Page {
  const [here, there] = [nth(places, column), nth(places, column * 3 + row + 1)];
  const [who, river] = [nth(persons, row + column), nth(rivers, row * 2 + column)];
  const text = `The ${topic} of ${here} begins with ${who}, who came from ${there} along the ${river}.`;
  return { text, links: [titleOf(row + 1, column + 2), titleOf(row, column * 2 + 3), titleOf(row + 2, column)] };
}

/** Counts round the end. */
function nth(words: readonly string[], index: number): string {
  return words[index % words.length] ?? "";
}

export function tokensOf(text: string): string[] {
  return text.match(/\w+/g) ?? [];
}

/** The names that the reader knows; it is no great linguist. */
const known: ReadonlyMap<string, Entity["kind"]> = new Map([
  ...places.map((name) => [name, "place"] as const),
  ...persons.map((name) => [name, "person"] as const),
  ...rivers.map((name) => [name, "river"] as const),
]);

export function entitiesIn(tokens: readonly string[], page: string): Entity[] {
  return tokens.flatMap((name) => {
    const kind = known.get(name);
    return kind === undefined ? [] : [{ page, name, kind }];
  });
}
