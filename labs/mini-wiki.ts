// An encyclopaedia of forty invented pages that link to each other, for lab 03.

export interface Page {
  readonly text: string;
  readonly links: readonly string[];
}

const places = ["Arvend", "Belmora", "Corrin", "Dastry", "Elvane", "Farholm", "Gellick", "Hostra", "Immer", "Jorvale"];
const persons = ["Mira", "Anselm", "Tovah", "Ruben"];
const rivers = ["Lethe", "Orme", "Sill"];
const topics = ["history", "music", "trade", "weather"];

/** Where the reading starts: one page for each of three topics. */
export const startPages: readonly string[] = ["Arvend, history", "Corrin, music", "Elvane, trade"];

/** The names that a reader should find. */
export const knownNames: readonly string[] = [...places, ...persons, ...rivers];

/** By title. Every place has a page for every topic. */
export function writeWiki(): Record<string, Page> {
  const pages = topics.flatMap((topic, row) =>
    places.map((_, column) => [titleOf(row, column), pageOf(topic, row, column)] as const),
  );
  return Object.fromEntries(pages);
}

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
