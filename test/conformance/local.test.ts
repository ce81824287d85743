// The suite on a private cluster of worker processes on this machine.
import { conformance } from "./conformance.ts";

conformance({ address: "local", exceptions: {} });
