// ProgressBar, in this process.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as ray from "../index.ts";
import { ProgressBar } from "./progress.ts";

before(() => ray.init({ address: "inline", numCpus: 1 }));
after(() => ray.shutdown());

function paper(isTTY: boolean): { isTTY: boolean; text: string; write: (text: string) => void } {
  return {
    isTTY,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

it("is moved by calls, and shows the last of it", async () => {
  const stream = paper(false);
  const bar = new ProgressBar({ label: "pages", total: 4, stream });
  const work = ray.remote((given: ProgressBar) => given.add(2));
  await ray.get([work.remote(bar), work.remote(bar)]);
  await bar.close();
  await bar.close();
  assert.match(stream.text, /^pages \[#{30}\] 4\/4 100 % in \d+\.\d s\n$/m);
  assert.equal(stream.text.match(/4\/4/g)?.length, 1);
});

it("is drawn in place on a terminal", async () => {
  const stream = paper(true);
  const bar = new ProgressBar({ stream });
  bar.add();
  assert.equal(await bar.steps(), 1);
  await bar.close();
  assert.match(
    stream.text.replaceAll("\r\u001b[1A\u001b[J", "<erased>"),
    /^(?:1 in \d+\.\d s\n<erased>)*1 in \d+\.\d s\n$/,
  );
});

it("has a row of a terminal beside those of others, cut to the width, and leaves a line", async () => {
  const stream = { ...paper(true), columns: 30 };
  const bars = [new ProgressBar({ label: "eins", stream, total: 2 }), new ProgressBar({ label: "zwei", stream })];
  while (!/eins \[-{5}\] 0\/2 0 % in 0\.\d s\nzwei 0 in/.test(stream.text)) await ray.sleep(1);
  for (const bar of bars) await bar.close();
  assert.match(stream.text, /eins \[-{5}\] 0\/2 0 % in \d+\.\d s\n/);
  assert.match(stream.text, /zwei 0 in \d+\.\d s\n$/);
});

it("leaves a line that is cut to the width as its row is", async () => {
  const stream = { ...paper(true), columns: 30 };
  const bar = new ProgressBar({ label: "a label that is longer than the terminal is wide", stream });
  await bar.close();
  assert.match(stream.text, /a label that is longer than t\n$/);
});

it("leaves a line on a terminal when its actor is gone, and no other when it is closed", async () => {
  const stream = paper(true);
  const bar = new ProgressBar({ stream });
  await ray.kill(bar.actor);
  while (!stream.text.endsWith("\n")) await ray.sleep(1);
  await bar.close();
  assert.equal(stream.text.match(/\n/g)?.length, 1);
});

it("shows steps that come while it is closed", async () => {
  const stream = paper(false);
  const bar = new ProgressBar({ stream, total: 3 });
  bar.add();
  const closed = bar.close();
  await bar.steps();
  bar.add(2);
  await closed;
  assert.match(stream.text, / 3\/3 100 % in /);
});

it("fails nobody who closes it when its actor is gone, and shows what was seen", async () => {
  const stream = paper(false);
  const bar = new ProgressBar({ stream, total: 3 });
  await ray.kill(bar.actor);
  await bar.close();
  assert.match(stream.text, / 0\/3 0 % in /);
});

it("refuses what is no option, no total and no number of steps", async () => {
  assert.throws(() => new ProgressBar({ total: 0 }), /total should be a number above 0/);
  assert.throws(() => new ProgressBar({ label: 5 as never }), /^TypeError: .* label should be a string, but got 5/);
  for (const stream of [{}, null, 5])
    assert.throws(() => new ProgressBar({ stream: stream as never }), /with a method write/);
  assert.throws(() => new ProgressBar({ totl: 3 } as object), /^TypeError: .* no option totl\. Did you mean total\?/);
  const bar = new ProgressBar({ stream: paper(false) });
  assert.throws(() => bar.add("2" as never), /^TypeError: add\(\) takes a number of steps/);
  assert.equal(await bar.steps(), 0);
});
