// Compares our declarations with a contract: RAY_TS_CONTRACT names the folder with its public-api.ts. Without it there is nothing to do.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";

const root = path.resolve(import.meta.dirname, "../../..");
const contract = process.env["RAY_TS_CONTRACT"];

const ours = JSON.stringify(path.join(root, "src/index.ts"));

/** A unique symbol is one name, and no other can stand for it: theirs is ours here, and all else of the contract is its own. */
function withOurSymbol(contractText: string): string {
  return contractText.replace(
    "export declare const actorHandle: unique symbol;",
    `import { actorHandle } from ${ours};\nexport { actorHandle };`,
  );
}

/** Everything that exists on both sides. */
function program(contractFile: string): string {
  return `
import type * as contract from ${JSON.stringify(contractFile)};
import type * as ours from ${ours};
type Class = abstract new (...args: any[]) => any;
type ClassNames = { [K in keyof typeof ours]: (typeof ours)[K] extends Class ? K : never }[keyof typeof ours];
type SharedClasses = ClassNames & keyof typeof contract;
type FunctionNames = Exclude<keyof typeof ours & keyof typeof contract, ClassNames | "getActor" | "getRuntimeContext">;
type Instances<M, K extends PropertyKey> = { [N in K]: N extends keyof M ? (M[N] extends Class ? InstanceType<M[N]> : never) : never };
declare const ourModule: typeof ours;
declare const ourInstances: Instances<typeof ours, SharedClasses>;
declare const theirs: { init: contract.InitOptions; task: contract.TaskOptions; actor: contract.ActorOptions; method: contract.MethodOptions; get: contract.GetOptions; wait: contract.WaitOptions; cancel: contract.CancelOptions };
export const functions: Pick<typeof contract, FunctionNames> = ourModule;
// The compiler cannot see that two handles of the same unknown class are alike.
export const found: typeof contract.getActor<Counter> = ourModule.getActor<Counter>;
declare const context: ours.RuntimeContext;
export const current: () => contract.ActorHandle<Counter> = context.currentActor<Counter>;
export const otherwise: Omit<contract.RuntimeContext, "currentActor"> = context;
export const instances: Instances<typeof contract, SharedClasses> = ourInstances;
export const options: { init: ours.InitOptions; task: ours.TaskOptions; actor: ours.ActorOptions; method: ours.MethodOptions; get: ours.GetOptions; wait: ours.WaitOptions; cancel: ours.CancelOptions } = theirs;
declare const ref: ours.ObjectRef<number>;
export const contractRef: contract.ObjectRef<number> = ref;
declare class Counter { constructor(start?: number); inc(by?: number): number; items(): AsyncGenerator<number>; private hidden(): void }
declare const actors: ours.ActorClass<typeof Counter>;
export const contractActors: contract.ActorClass<typeof Counter> = actors;
declare const actor: ours.ActorHandle<Counter>;
export const contractActor: contract.ActorHandle<Counter> = actor;
`;
}

it("our declarations are assignable to the contract's", (test) => {
  if (contract === undefined) return test.skip("RAY_TS_CONTRACT is not set");
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-contract-"));
  try {
    const main = path.join(folder, "main.mts");
    const config = path.join(folder, "tsconfig.json");
    const copy = path.join(folder, "public-api.mts");
    writeFileSync(copy, withOurSymbol(readFileSync(path.join(path.resolve(contract), "public-api.ts"), "utf8")));
    writeFileSync(main, program(copy));
    const compilerOptions = {
      noEmit: true,
      composite: false,
      incremental: false,
      declaration: false,
      isolatedDeclarations: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      rootDir: "/",
      typeRoots: [path.join(root, "node_modules/@types")],
    };
    writeFileSync(
      config,
      JSON.stringify({ extends: path.join(root, "tsconfig.base.json"), compilerOptions, files: [main] }),
    );
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", config], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
