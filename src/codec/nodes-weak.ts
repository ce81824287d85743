// WeakMap and WeakSet: only what else is shipped can be a key, and nobody knows that before the end. So they are made empty, and
// each entry follows when its key has been met, as an object of its own that puts itself into the collection.
import { types } from "node:util";
import { isObject } from "../std/is-object.ts";
import { variableOfClass } from "./class-state.ts";
import { functionSection } from "./function-table.ts";
import type { In, NodeKind, Out } from "./graph.ts";
import { readExtras, writeExtras } from "./nodes-object.ts";
import { Damaged } from "./reader.ts";

type Weak = WeakMap<object, unknown> | WeakSet<object>;

export class WeakEntry {
  readonly collection: Weak;
  readonly key: object;
  readonly value: unknown;

  constructor(collection: Weak, key: object, value: unknown) {
    this.collection = collection;
    this.key = key;
    this.value = value;
  }
}

function weakNode<T extends Weak>(empty: () => T, prototype: object): NodeKind<T> {
  return {
    head() {},
    body(value, out) {
      writeExtras(value, out, { prototype });
      let seen = 0;
      out.later(() => {
        const fresh = [...out.objects()].slice(seen);
        seen += fresh.length;
        const found = fresh.filter((key) => has(value, key));
        for (const key of found)
          out.afterwards(new WeakEntry(value, key, valueOf(value, key)), { text: "<weak entry>" });
        return found.length > 0;
      });
    },
    make: (from) => kept(from) ?? empty(),
    fill: readExtras,
  };
}

/** The one in which a class that is here already keeps what belongs to its instances. */
function kept(from: In): unknown {
  const found = from.tableIf(functionSection)?.weak.get(from.number);
  const value = found === undefined ? undefined : variableOfClass(found);
  return types.isWeakMap(value) || types.isWeakSet(value) ? value : undefined;
}

function has(collection: Weak, key: object): boolean {
  if (types.isWeakMap(collection)) return WeakMap.prototype.has.call(collection, key);
  return WeakSet.prototype.has.call(collection, key);
}

function valueOf(collection: Weak, key: object): unknown {
  return types.isWeakMap(collection) ? WeakMap.prototype.get.call(collection, key) : undefined;
}

export const weakMapNode: NodeKind<WeakMap<object, unknown>> = weakNode(() => new WeakMap(), WeakMap.prototype);
export const weakSetNode: NodeKind<WeakSet<object>> = weakNode(() => new WeakSet(), WeakSet.prototype);

export const weakEntryNode: NodeKind<WeakEntry> = {
  head() {},
  body({ collection, key, value }, out: Out) {
    out.value(collection, "");
    out.value(key, "");
    out.value(value, { text: "<weak value>" });
  },
  make: () => ({}),
  fill(_made, from) {
    const collection = from.value();
    const key = from.value();
    const value = from.value();
    if (!isObject(key)) throw new Damaged("has a weak key that is no object");
    if (types.isWeakMap(collection)) WeakMap.prototype.set.call(collection, key, value);
    else if (types.isWeakSet(collection)) WeakSet.prototype.add.call(collection, key);
    else throw new Damaged("has an entry for a weak collection that is none");
  },
};
