// A function, or what goes with one, as clusters know it: its body goes out once per session, under an id that is chosen before the
// body is encoded.
//
// The cluster keeps it, with what it captures, as long as somebody may call it. Its id may have travelled, inside of a value or in the body
// of a function: then nobody knows who has it, and that is to the end of the session. Most are only ever called from here: then that is as long
// as the handle, or a call that may still run, holds the export; and of a class, as long as the cluster may make an actor of it again.
import { encodeFunction, type CaptureReport } from "../codec/function.ts";
import type { DefinitionId } from "../domain/id.ts";
import { sessionClosed } from "../domain/failures.ts";
import { capturedBytesWarn } from "../domain/limits.ts";
import type { Site } from "../domain/task.ts";
import { notice } from "./notice.ts";
import type { AnyFunction } from "./lift.ts";
import type { Definition, Session } from "./slot.ts";

/** Where a function stands in a session. */
export interface Export {
  readonly session: Session;
  readonly definition: DefinitionId;
  /** `encoding`: its body is being looked at, and may name this function or others that name it. */
  state: "new" | "encoding" | "known";
  travelled: boolean;
}

const uncallable = new FinalizationRegistry<Pick<Export, "session" | "definition">>(({ session, definition }) => {
  if (!session.closed) session.backend.undefine(definition);
});

export class Shipped {
  /** Undefined in a handle that came from another process. */
  readonly #body: Definition | undefined;
  readonly #name: string;
  readonly #captures: Readonly<Record<string, unknown>> | undefined;
  #export: Export | undefined;
  #warned = false;

  constructor(
    body: Definition | undefined,
    name: string,
    captures: Readonly<Record<string, unknown>> | undefined,
    known?: Pick<Export, "session" | "definition">,
  ) {
    this.#body = body;
    this.#name = name;
    this.#captures = captures;
    if (known !== undefined) this.#export = { ...known, state: "known", travelled: true };
  }

  /** What another process has made known, or this one before. */
  static arrived(session: Session, definition: DefinitionId, name: string): Shipped {
    const known = session.shipped.get(definition);
    return known instanceof Shipped ? known : new Shipped(undefined, name, undefined, { session, definition });
  }

  /** For a call, which holds it as long as it may run. Makes the function known if need be. `name`, `site`: for what is said of that. */
  exportIn(session: Session, name: string = this.#name, site?: Site): Export {
    const found = this.#export;
    const isKnown = found?.session === session && found.state !== "new";
    return isKnown ? found : this.#makeKnown(session, name, site);
  }

  /** The id under which the cluster of this session knows the function, to be told to others. */
  definitionIn(session: Session, name?: string, site?: Site): DefinitionId {
    const entry = this.exportIn(session, name, site);
    if (!entry.travelled) {
      entry.travelled = true;
      // One that comes home finds this one.
      session.shipped.set(entry.definition, this);
      session.backend.travels(entry.definition);
    }
    return entry.definition;
  }

  /** The function, if it is in this process. */
  get function(): AnyFunction | undefined {
    const entry = this.#export;
    const body = this.#body ?? (entry === undefined ? undefined : entry.session.definitions.get(entry.definition));
    return typeof body === "function" ? body : undefined;
  }

  /** The same function with other values for its free variables. */
  withCaptures(captures: Readonly<Record<string, unknown>>): Shipped {
    if (this.#body === undefined) {
      throw new TypeError(
        `The option captures of '${this.#name}' can only be set where the function was made: this handle came from another process.`,
      );
    }
    return new Shipped(this.#body, this.#name, captures);
  }

  #makeKnown(session: Session, name: string, site: Site | undefined): Export {
    const body = this.#body;
    if (body === undefined) {
      throw sessionClosed({
        what: `Remote function '${name}'`,
        reason: "the handle is of an earlier session",
        orderly: true,
      });
    }
    // An id once given to others stays, also when the body could not be encoded: they may name it for good.
    const again = this.#export?.session === session ? this.#export : undefined;
    const entry: Export = again ?? {
      session,
      definition: session.backend.nextDefinition(),
      state: "new",
      travelled: false,
    };
    this.#export = entry;
    entry.state = "encoding";
    try {
      const { payload, report } = encodeFunction(body, { captures: this.#captures, name });
      this.#warn(session, report, site?.text ?? "");
      session.backend.define(
        entry.definition,
        session.backend.keep(payload, () => `variables of ${name}`),
      );
      uncallable.register(entry, { session, definition: entry.definition });
      entry.state = "known";
    } finally {
      if (entry.state === "encoding") entry.state = "new";
    }
    return entry;
  }

  /** Once for each function, however many sessions and processes it is shipped in from here. */
  #warn({ hints }: Session, { bytes, warning }: CaptureReport, place: string): void {
    if (warning === undefined || this.#warned) return;
    this.#warned = true;
    const words = place === "" ? warning : `${place}: ${warning}`;
    // What is large is slow and no more; anything else may be wrong.
    if (bytes > capturedBytesWarn) hints?.captured(words);
    else notice(words);
  }
}
