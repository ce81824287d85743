// Which options of the driver go to its workers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutInspector, workerExecArgv } from "./exec-argv.ts";

for (const [given, wanted] of [
  [[], []],
  [
    ["--max-old-space-size=100", "--enable-source-maps"],
    ["--max-old-space-size=100", "--enable-source-maps"],
  ],
  [["--inspect", "--no-warnings"], ["--no-warnings"]],
  [
    ["--inspect-brk=0.0.0.0:9229", "--inspect-port", "9230", "-C", "dev"],
    ["-C", "dev"],
  ],
  [["--watch", "--watch-path", "src", "--watch-path=lib", "--watch-preserve-output"], []],
  [["--test", "--test-name-pattern", "x", "--test-reporter=spec", "--stack-size=500"], ["--stack-size=500"]],
  [["-e", "console.log(1)"], []],
  [["--input-type=module", "--eval", "import 'x'", "--conditions=dev"], ["--conditions=dev"]],
  [["-p", "1 + 1"], []],
  [
    ["--cpu-prof", "--cpu-prof-interval", "200", "-r", "./a.cjs", "-C", "dev"],
    ["-C", "dev"],
  ],
  [["--print", "--no-deprecation"], ["--no-deprecation"]],
  [["--import", "tsx", "--require=./a.cjs", "-r", "./b.cjs", "--loader", "ts"], []],
  [["--import=tsx", "--experimental-loader=x", "--trace-warnings"], ["--trace-warnings"]],
] as const) {
  test(`${given.join(" ") || "nothing"} becomes ${wanted.join(" ") || "nothing"}`, () => {
    assert.deepEqual(workerExecArgv(given), wanted);
  });
}

test("NODE_OPTIONS keeps all but the debugger", () => {
  assert.equal(withoutInspector("--inspect=9229 --import tsx  --inspect-brk"), "--import tsx");
});
