// How a call begins and ends in a simulated worker: what its program makes of its arguments, and what is said of its end.
import type { Payload } from "#src/domain/object.js";
import type { Call, Reply } from "#src/protocol/worker.js";
import type { Frame } from "./frame.ts";
import type { Ending } from "./host.ts";
import type { Machine } from "./machine.ts";
import { decodeCall, decodeValue, FULL, mix } from "./program.ts";
import { answerKey } from "./telling.ts";

export function receive(frame: Frame, call: Call, world: Machine): void {
  const values = new Map(call.positions.map((position, index) => [position, call.values[index]]));
  const { ledger } = world;
  for (const { id } of frame.task?.spec.dependencies ?? []) {
    const { model, answers } = ledger.object(id);
    if (model.kind !== "value" || [...answers.values()].includes(true)) frame.tainted = true;
  }
  for (const [position, argument] of decodeCall(call.args).arguments.entries()) {
    if ("number" in argument) {
      frame.label = mix(frame.label, argument.number);
    } else if ("nested" in argument) {
      frame.adopt(argument.nested);
    } else {
      const payload = values.get(position);
      if (payload === undefined)
        return world.violated("a call brings its arguments", `${frame.task?.id ?? ""} lacks ${position}`);
      const value = decodeValue(payload);
      frame.label = mix(frame.label, value.label);
      frame.adopt(value.refs);
    }
  }
}

export function replyTo(frame: Frame, ending: Exclude<Ending, { kind: "crash" }>, world: Machine): Reply {
  const { task } = frame;
  if (task === undefined) throw new Error("a reply to nobody");
  switch (ending.kind) {
    case "exit":
      task.exits += 1;
      return { kind: "exited", code: ending.code, module: "" };
    case "full":
      task.full += 1;
      return refusal(FULL, "");
    case "left":
      return { kind: "left" };
    default:
      return answer(frame, ending, world);
  }
}

function answer(frame: Frame, ending: Extract<Ending, { kind: "done" | "thrown" }>, world: Machine): Reply {
  const { task, tainted } = frame;
  if (task === undefined) throw new Error("an answer to nobody");
  const payloads: readonly Payload[] = ending.kind === "done" ? ending.values : [ending.thrown];
  const again = ending.kind === "thrown" && ending.again === true;
  if (again) {
    task.flakes += 1;
    task.flaked.add(answerKey(payloads[0] as Payload, true));
  }
  // The model knows no attempts: what comes of one that fails may be the end, when the budget is spent.
  world.ledger.answered(task, payloads, ending.kind === "thrown", tainted || again);
  if (ending.kind === "thrown") return { kind: "thrown", thrown: ending.thrown, pid: 1, by: "function", again };
  const values = payloads.slice(0, task.spec.returns);
  if (task.stopped !== undefined && values.some(({ stored }) => stored !== undefined))
    world.count("large results of stopped calls");
  return { kind: "done", values };
}

export function refusal(code: string, name: string): Extract<Reply, { kind: "refused" }> {
  return { kind: "refused", failure: { kind: "refused", code, message: "", fields: {}, name, site: "" } };
}
