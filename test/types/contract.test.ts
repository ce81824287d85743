// Compares our declarations with a contract: RAY_TS_CONTRACT names the folder with its public-api.ts. Without it there is nothing to do.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "node:test";

const root = path.resolve(import.meta.dirname, "../../..");
const contract = process.env["RAY_TS_CONTRACT"];

/** Everything that exists on both sides. The class form of `remote` comes with actors. */
function program(contractFile: string): string {
  return `
import type * as contract from ${JSON.stringify(contractFile)};
import type * as ours from ${JSON.stringify(path.join(root, "src/index.ts"))};
declare function remoteOfFunctions<F extends (...args: any[]) => any, const O extends contract.TaskOptions = {}>(
  fn: F, options?: O,
): contract.RemoteFunction<F, O extends { numReturns: infer M extends number } ? M : undefined>;
type Expected = Omit<typeof contract, "remote"> & { remote: typeof remoteOfFunctions };
type Class = abstract new (...args: any[]) => any;
type ClassNames = { [K in keyof typeof ours]: (typeof ours)[K] extends Class ? K : never }[keyof typeof ours];
type SharedClasses = ClassNames & keyof typeof contract;
type FunctionNames = Exclude<keyof typeof ours & keyof typeof contract, ClassNames>;
type Instances<M, K extends PropertyKey> = { [N in K]: N extends keyof M ? (M[N] extends Class ? InstanceType<M[N]> : never) : never };
declare const ourModule: typeof ours;
declare const ourInstances: Instances<typeof ours, SharedClasses>;
declare const theirs: { init: contract.InitOptions; task: contract.TaskOptions; get: contract.GetOptions; wait: contract.WaitOptions; cancel: contract.CancelOptions };
export const functions: Pick<Expected, FunctionNames> = ourModule;
export const instances: Instances<typeof contract, SharedClasses> = ourInstances;
export const options: { init: ours.InitOptions; task: ours.TaskOptions; get: ours.GetOptions; wait: ours.WaitOptions; cancel: ours.CancelOptions } = theirs;
declare const ref: ours.ObjectRef<number>;
export const contractRef: contract.ObjectRef<number> = ref;
`;
}

it("our declarations are assignable to the contract's", (test) => {
  if (contract === undefined) return test.skip("RAY_TS_CONTRACT is not set");
  const folder = mkdtempSync(path.join(tmpdir(), "ray-ts-contract-"));
  try {
    const main = path.join(folder, "main.mts");
    const config = path.join(folder, "tsconfig.json");
    writeFileSync(main, program(path.join(path.resolve(contract), "public-api.ts")));
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
