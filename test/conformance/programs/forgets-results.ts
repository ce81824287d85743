// Begins calls whose results it never asks for, one of them without end.
import { remote, sleep } from "ray-ts";

process.env["RAY_TS_ADDRESS"] = process.argv[2] ?? "local";
remote((n: number) => n).remote(1);
if (process.argv[2] === "local") remote(() => sleep(Infinity)).remote();
console.log("submitted");
