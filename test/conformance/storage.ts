// A context of asynchronous calls, as loggers keep the id of a request in.
import { AsyncLocalStorage } from "node:async_hooks";

export const storage: AsyncLocalStorage<string> = new AsyncLocalStorage<string>();
