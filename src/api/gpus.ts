// GPUs: how many there are, which of them a call was given, and the variable by which CUDA hears of that.
import { readdirSync } from "node:fs";
import { GPUS_VISIBLE, gpusIn, type Resources } from "../domain/resources.ts";

const DEVICES = "/dev";

/**
 * What CUDA calls the GPUs of this machine that a session may use, by index. A variable that restricts the program restricts its
 * tasks, and names GPUs as it does: by number, or by UUID. Programs that ask the driver of the GPUs are slow, and may not be there.
 */
export function gpusToUse(wanted: number | undefined): readonly string[] {
  const visible = visibleGpus(process.env[GPUS_VISIBLE]);
  if (wanted === undefined) return visible ?? numbered(countGpus());
  if (visible === undefined) return numbered(wanted);
  if (wanted > visible.length) {
    throw new TypeError(
      `init(): numGpus is ${wanted}, but ${GPUS_VISIBLE}=${process.env[GPUS_VISIBLE]} in the environment lets this program see ${visible.length}. ` +
        `Ask for no more than those, or start the program with another ${GPUS_VISIBLE} or without it.`,
    );
  }
  return visible.slice(0, wanted);
}

function visibleGpus(variable: string | undefined): string[] | undefined {
  if (variable === undefined) return undefined;
  const names = variable.split(",").map((name) => name.trim());
  // CUDA takes those before the first that is none; "-1" and "NoDevFiles" are how people say: none.
  const end = names.findIndex((name) => !/^(?:\d+$|GPU-|MIG-)/.test(name));
  // One that is named twice is one.
  return [...new Set(end < 0 ? names : names.slice(0, end))];
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function countGpus(): number {
  try {
    return readdirSync(DEVICES).filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    // No such folder, or none that may be looked into: nothing of the kind can be used either.
    return 0;
  }
}

/** Those that have GPUs in this process, in the order in which they came. There are several where calls share a process. */
const holders: { readonly visible: string }[] = [];
/** What the variable was before the first of them. */
let before: string | undefined;

/** For as long as a call runs that was given GPUs, libraries see these. Undone by what it returns. */
export function showGpus(request: Resources, names: readonly string[]): () => void {
  if (holders.length === 0) before = process.env[GPUS_VISIBLE];
  const holder = {
    visible: gpusIn(request)
      .map((index) => names[index] ?? index)
      .join(","),
  };
  holders.push(holder);
  process.env[GPUS_VISIBLE] = holder.visible;
  return () => {
    holders.splice(holders.indexOf(holder), 1);
    const visible = holders.at(-1)?.visible ?? before;
    if (visible === undefined) delete process.env[GPUS_VISIBLE];
    else process.env[GPUS_VISIBLE] = visible;
  };
}

/** As `CUDA_VISIBLE_DEVICES` of the driver has them; where it names them otherwise, their places in it, from 0 on. */
export function numbersOf(request: Resources, names: readonly string[]): number[] {
  return gpusIn(request).map((index) => (/^\d+$/.test(names[index] ?? "") ? Number(names[index]) : index));
}
