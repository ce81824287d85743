// Values of a program: arguments of a call, as they are passed and as the model sees them, and those with refs inside.
import type { ObjectId } from "#src/domain/id.js";
import type { Payload } from "#src/domain/object.js";
import type { Dependency } from "#src/domain/task.js";
import { modelArgument, pickFrom, type ModelArgument } from "./model.ts";
import { encodeValue, type Argument, type Label, type PassedArgument } from "./program.ts";
import type { Variable } from "./reading.ts";

interface Passed {
  readonly passed: readonly PassedArgument[];
  readonly dependencies: readonly Dependency[];
  readonly models: readonly ModelArgument[];
}

export function encodeWith(label: Label, inside: readonly Variable[]): Payload {
  return encodeValue(
    label,
    inside.map(({ id }) => id),
  );
}

export function pass(args: readonly Argument[], variables: readonly Variable[]): Passed {
  const passed: PassedArgument[] = [];
  const dependencies: { position: number; id: ObjectId }[] = [];
  const meant = variables.map(({ model }) => model);
  for (const argument of args) {
    if (argument.kind === "number") {
      passed.push({ number: argument.number });
    } else if (argument.kind === "nested") {
      passed.push({ nested: pickFrom(variables, argument.picks).map(({ id }) => id) });
    } else {
      const [picked] = pickFrom(variables, [argument.pick]);
      if (picked === undefined) continue;
      if (picked.model.kind === "actor") {
        passed.push({ nested: [picked.id] });
        continue;
      }
      dependencies.push({ position: passed.length, id: picked.id });
      passed.push({ dependency: true });
    }
  }
  return { passed, dependencies, models: args.flatMap((argument) => modelArgument(argument, meant)) };
}
