// What is above an object, asked in such a way that no trap of the user's runs: a Proxy tells nothing about itself.
import { types } from "node:util";

/** The prototype; null at a Proxy, and where there is none. */
export function above(value: object): object | null {
  return types.isProxy(value) ? null : (Object.getPrototypeOf(value) as object | null);
}

/** What the first object has to say that has something to say, from some object upwards; `none` where nobody has. */
export interface Question<T> {
  readonly ask: (at: object) => T | undefined;
  readonly none: T;
}

/** So many are asked each time. Most chains end before that; the rest of a longer one is asked once for all that is below. */
const ASKED_MAX = 32;

export function answerFrom<T>(start: object | null, question: Question<T>, memory: Memory): T {
  let at = start;
  for (let left = ASKED_MAX; at !== null && left > 0; at = above(at), left--) {
    const answer = question.ask(at);
    if (answer !== undefined) return answer;
  }
  return at === null ? question.none : remembered(at, question, memory.memo);
}

/** As long as one payload is written. */
export interface Memory {
  readonly memo: Map<object, unknown>;
}

function remembered<T>(start: object, question: Question<T>, memo: Map<object, unknown>): T {
  const known = (memo.get(question) ?? new Map()) as Map<object, T>;
  memo.set(question, known);
  const asked: object[] = [];
  let answer: T | undefined;
  for (let at: object | null = start; at !== null && answer === undefined; at = above(at)) {
    asked.push(at);
    answer = known.has(at) ? known.get(at) : question.ask(at);
  }
  const given = answer === undefined ? question.none : answer;
  for (const each of asked) known.set(each, given);
  return given;
}

const proxied: Question<boolean> = {
  ask: (at) => (types.isProxy(at) ? true : at === Object.prototype ? false : undefined),
  none: false,
};

/** Whether a question that goes up the prototypes, as `in` and `instanceof` do, would run the traps of a Proxy. */
export function leadsToProxy(value: object, memory: Memory): boolean {
  return answerFrom(value, proxied, memory);
}
