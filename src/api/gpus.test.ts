// How many GPUs a session has, what they are called, and what libraries see while calls have some.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gpusToUse, numbersOf, showGpus } from "./gpus.ts";

function withVisible<T>(value: string | undefined, body: () => T): T {
  const before = process.env["CUDA_VISIBLE_DEVICES"];
  const set = (to: string | undefined): void => {
    if (to === undefined) delete process.env["CUDA_VISIBLE_DEVICES"];
    else process.env["CUDA_VISIBLE_DEVICES"] = to;
  };
  set(value);
  try {
    return body();
  } finally {
    set(before);
  }
}

const rows: readonly [visible: string | undefined, wanted: number | undefined, names: readonly string[]][] = [
  [undefined, 2, ["0", "1"]],
  [undefined, 0, []],
  ["2,3", undefined, ["2", "3"]],
  [" 2 , 3 ", undefined, ["2", "3"]],
  ["2,3", 1, ["2"]],
  ["", undefined, []],
  ["-1", undefined, []],
  ["1,-1,2", undefined, ["1"]],
  ["NoDevFiles", undefined, []],
  ["GPU-8932f937-d72c,MIG-GPU-8932f937/1/2", undefined, ["GPU-8932f937-d72c", "MIG-GPU-8932f937/1/2"]],
];
for (const [visible, wanted, names] of rows) {
  test(`CUDA_VISIBLE_DEVICES ${visible ?? "unset"} and numGpus ${wanted ?? "left out"}: ${names.join(" ")}`, () => {
    withVisible(visible, () => assert.deepEqual(gpusToUse(wanted), names));
  });
}

test("more than the program may see is refused, and told", () => {
  withVisible("2,3", () =>
    assert.throws(() => gpusToUse(3), {
      name: "TypeError",
      message: /numGpus is 3, but CUDA_VISIBLE_DEVICES=2,3 in the environment lets this program see 2\./,
    }),
  );
});

test("GPUs have the numbers that the driver's variable has, where it has numbers", () => {
  const granted = { GPU: 20_000, "GPU:0": 10_000, "GPU:1": 10_000 };
  assert.deepEqual(numbersOf(granted, ["2", "3"]), [2, 3]);
  assert.deepEqual(numbersOf(granted, ["GPU-a", "GPU-b"]), [0, 1]);
});

test("calls that share a process see the GPUs of the latest, and those of the others when it has ended", () => {
  withVisible("9", () => {
    const seen = (): string | undefined => process.env["CUDA_VISIBLE_DEVICES"];
    const hideFirst = showGpus({ GPU: 10_000, "GPU:0": 10_000 }, ["2", "GPU-b"]);
    assert.equal(seen(), "2");
    const hideSecond = showGpus({ GPU: 5_000, "GPU:1": 5_000 }, ["2", "GPU-b"]);
    assert.equal(seen(), "GPU-b");
    hideSecond();
    assert.equal(seen(), "2");
    hideFirst();
    assert.equal(seen(), "9");
  });
});
