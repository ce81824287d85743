// Predictions for many files with a model that takes its time to get ready: tasks, which make it ready for every file, and a pool of actors,
// which do so once each. Both read the same files and predict the same.
//
//   npx tsx examples/batch-inference.ts [files] [rows of a file]
import * as ray from "ray-ts";
import { ActorPool } from "ray-ts/parallel";

const files = Number(process.argv[2] ?? 12);
const rows = Number(process.argv[3] ?? 50_000);
const actors = 4;

/** Rides in a taxi, column by column. */
interface Rides {
  readonly passengers: Float64Array;
  readonly miles: Float64Array;
  readonly fares: Float64Array;
}

/** Stands for reading a file. */
function readRides(file: number): Rides {
  let state = file + 1;
  const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
  const passengers = new Float64Array(rows).map(() => Math.floor(6 * random()));
  const miles = new Float64Array(rows).map(() => 10 * random() ** 2);
  const fares = miles.map((each) => 2.5 + 2.6 * each + random());
  return { passengers, miles, fares };
}

/** Says who gives a tip. What it has learned is large, and has to be made ready before it is of use. */
class Model {
  /** How often this process made a model ready. */
  static ready = 0;
  readonly table: Float64Array;

  constructor(learned: Float64Array) {
    Model.ready += 1;
    this.table = learned.toSorted();
  }

  predict({ passengers, miles, fares }: Rides): Uint8Array {
    const threshold = this.table[this.table.length >> 1]!;
    return Uint8Array.from(fares, (fare, row) => Number(passengers[row]! > 0 && fare / (1 + miles[row]!) > threshold));
  }
}

interface Answer {
  readonly file: number;
  readonly rows: number;
  readonly tips: number;
  readonly process: number;
  readonly ready: number;
}

function predictFile(model: Model, file: number): Answer {
  const predictions = model.predict(readRides(file));
  const tips = predictions.reduce((sum, each) => sum + each, 0);
  return { file, rows: predictions.length, tips, process: process.pid, ready: Model.ready };
}

const predict = ray.remote((learned: Float64Array, file: number): Answer => predictFile(new Model(learned), file));

const Predictor = ray.remote(
  class Predictor {
    readonly model: Model;

    constructor(learned: Float64Array) {
      this.model = new Model(learned);
    }

    predict(file: number): Answer {
      return predictFile(this.model, file);
    }
  },
);

function report(what: string, began: number, answers: readonly Answer[]): string {
  const readyIn = new Map<number, number>();
  for (const { process, ready } of answers) readyIn.set(process, Math.max(ready, readyIn.get(process) ?? 0));
  const models = [...readyIn.values()].reduce((sum, each) => sum + each, 0);
  const predicted = answers.reduce((sum, each) => sum + each.rows, 0);
  const ms = Math.round(performance.now() - began);
  console.log(`${what}: ${predicted} rows of ${answers.length} files, a model made ready ${models} times, ${ms} ms`);
  const inOrder = answers.toSorted((one, other) => one.file - other.file);
  return inOrder.map(({ file, tips }) => `${file}:${tips}`).join(" ");
}

await ray.init({ numCpus: actors });
// Stored once, for all tasks and actors.
const learned = ray.put(new Float64Array(500_000).map((_, index) => 3 + 2 * Math.sin(index * index)));
const numbers = Array.from({ length: files }, (_, file) => file);

let began = performance.now();
const byTasks = await ray.get(numbers.map((file) => predict.remote(learned, file)));
const tipsByTasks = report("tasks", began, byTasks);

began = performance.now();
const pool = new ActorPool(Array.from({ length: actors }, () => Predictor.remote(learned)));
const byActors: Answer[] = [];
for await (const answer of pool.mapUnordered((actor, file) => actor.predict.remote(file), numbers))
  byActors.push(answer);
const tipsByActors = report("actors", began, byActors);

console.log(tipsByTasks === tipsByActors ? `both say ${tipsByTasks}` : `${tipsByTasks}\nIS NOT\n${tipsByActors}`);
await ray.shutdown();
