// What happens one after another though it calls for itself: chains of any length run down without recursion.
import { Deque } from "./deque.ts";

/** Does `act` with what it is given. What that gives it in turn has its turn when it is done. */
export function afterAnother<T>(act: (item: T) => void): (item: T) => void {
  const waiting = new Deque<T>();
  let acting = false;
  return (item) => {
    if (acting) return waiting.push(item);
    acting = true;
    act(item);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) act(next);
    acting = false;
  };
}
