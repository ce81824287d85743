// The suite on the backend that runs every call in this process.
import { conformance } from "./conformance.ts";

conformance({
  address: "inline",
  exceptions: { "process isolation": "every call runs in this process, by design" },
});
