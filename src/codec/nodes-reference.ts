// What is not copied but found again: intrinsics and objects of Node, by their path.
import { at, pathOf, rarePathOf, type Path } from "./intrinsics.ts";
import type { NodeKind } from "./graph.ts";
import { Damaged } from "./reader.ts";

const PATH_STEPS_MAX = 100;

export const intrinsicNode: NodeKind = {
  head(value, { to }) {
    const path = (pathOf(value) ?? rarePathOf(value)) as Path;
    to.uint(path.length);
    for (const step of path) to.text(step);
  },
  make({ from }) {
    const length = from.count();
    if (length > PATH_STEPS_MAX) throw new Damaged("has a path that is too long");
    const path = Array.from({ length }, () => from.text());
    const found = at(path);
    if (found === undefined) throw new Damaged(`names ${path.join(".")}, which this version of Node does not have`);
    return found;
  },
};
