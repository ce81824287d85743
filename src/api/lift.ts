// What a function's types become when it runs elsewhere: refs for values going in, refs for values coming out.
/// <reference lib="es2018.asyncgenerator" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

import type { MethodOptions } from "../domain/options.ts";

/** Whatever can be called. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only constraint that every function satisfies
export type AnyFunction = (...args: any[]) => any;

/** Whatever can be made with `new`. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only constraint that every class satisfies
export type AnyClass = abstract new (...args: any[]) => object;

/** Goes with `any` and with no other type: what nobody has typed fits everywhere, and is a function more often than a class. */
export type Untyped<T> = 0 extends 1 & T ? unknown : never;

/** Stands where the type of the value does not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- ObjectRef<unknown> would refuse refs whose type is used both ways
export type AnyRef = ObjectRef<any>;

/**
 * A typed reference to a value that exists or will exist: `await get(ref)`. Not a thenable, on purpose: it can be returned from
 * async functions and put in arrays without being awaited by accident; `await ref` is the ref itself.
 */
export interface ObjectRef<T> extends Disposable {
  /** Hexadecimal; the same for all refs to the same object. */
  readonly id: string;
  /** Lets go of the value now instead of when this object is collected. Using the ref afterwards: ObjectFreedError. */
  [Symbol.dispose](): void;
  /** `ObjectRef(<id>)`. */
  toString(): string;
  /** Exists for the compiler only. */
  readonly __type?: T;
}

/**
 * What a call of a remote generator function gives: refs in order, as they are made. Leaving the loop early cancels the call, and so do
 * `await using` and dropping it unread. It has one position: whoever reads it at the same time gets what the other has not, and when
 * one leaves his loop it ends for all. It stays in the process that has begun it.
 */
export interface ObjectRefGenerator<T> extends AsyncIterableIterator<ObjectRef<T>>, AsyncDisposable {
  /** The next ref. After an error of the call one more, whose `get` rejects with it; then the end. */
  next(): Promise<IteratorResult<ObjectRef<T>, undefined>>;
  /** `ObjectRefGenerator(<id>)`, with the id of `completed`. */
  toString(): string;
  /** The values instead of the refs. An error of the call is thrown after the values that were made before it. */
  values(): AsyncIterableIterator<T>;
  /**
   * Resolves when the call has ended; its error if it failed. A call that is further ahead of its reader than it may be does not end
   * before somebody reads on.
   */
  readonly completed: ObjectRef<void>;
}

/** The type of the value behind a ref. */
export type Unref<R> = R extends ObjectRef<infer T> ? T : never;

/** A ref may stand for any top-level argument; it is resolved before the call. Nested refs stay refs. */
export type RemoteArgs<A extends readonly unknown[]> = { [K in keyof A]: A[K] | ObjectRef<A[K]> };

/** One ref per element. */
export type RefTuple<T extends readonly unknown[]> = { -readonly [K in keyof T]: ObjectRef<T[K]> };

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsNever<T> = [T] extends [never] ? true : false;

// `any` for what a generator returns and takes: with anything else the type is no longer that of the contract for unknown functions.
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type AnyGenerator<Y> = AsyncGenerator<Y, any, any> | Generator<Y, any, any>;

/**
 * Beside the options O of calls of F, which may ask for more results than F gives. Looks at F only where O says how many: options whose type
 * says nothing of that go with any function, also with one whose type is a parameter.
 */
export type FitFor<F extends AnyFunction, O> = O extends { readonly numReturns: infer N extends number }
  ? CountFor<ReturnType<F>, N>
  : unknown;

/** The names of what is missing are what the compiler says. */
type CountFor<R, N extends number> = true extends IsNever<R> | IsNever<N>
  ? unknown
  : Awaited<R> extends AnyGenerator<unknown>
    ? { readonly "a generator function gives one stream: leave numReturns out": never }
    : number extends N
      ? unknown
      : RemoteReturn<R, N> extends []
        ? { readonly "numReturns asks for refs of results that the function does not return": never }
        : unknown;

/**
 * What `.remote()` gives for a function that returns R, asked for N results: nothing, a ref, or a ref per element. One that has not so many
 * elements gives no refs, for the compiler: using them is an error.
 */
export type RemoteReturn<R, N extends number | undefined = undefined> =
  IsAny<Awaited<R>> extends true
    ? N extends 0
      ? void
      : N extends 1 | undefined
        ? AnyRef
        : AnyRef[]
    : IsNever<Awaited<R>> extends true
      ? ObjectRef<never>
      : Awaited<R> extends AnyGenerator<infer Y>
        ? ObjectRefGenerator<Y>
        : N extends 0
          ? void
          : N extends 1 | undefined
            ? ObjectRef<Awaited<R>>
            : Awaited<R> extends infer T extends readonly unknown[]
              ? Refs<T, N>
              : never[] extends Awaited<R>
                ? ObjectRef<unknown>[]
                : [];

/** One ref per element; of an array, whose type does not say how many those are, as many as were asked for. */
type Refs<T extends readonly unknown[], N> = number extends N
  ? RefTuple<T>
  : N extends T["length"]
    ? T[number][] extends T
      ? Times<ObjectRef<T[number]>, N>
      : RefTuple<T>
    : [];

/** So many of them, counted out; of a hundred and more an array, which spares the compiler the counting. */
type Times<T, N, All extends T[] = []> = All["length"] extends N
  ? All
  : All["length"] extends 99
    ? T[]
    : Times<T, N, [...All, T]>;

/** The methods of a class, by the names under which a handle has them: those under symbols are the object's own affair. */
type MethodKeys<T> = Exclude<
  Extract<{ [K in keyof T]: T[K] extends AnyFunction ? K : never }[keyof T], string>,
  "then"
>;

/** A method of an actor. Not callable itself, on purpose. It may be taken out of its handle: `const { inc } = counter`. */
export interface RemoteMethod<F extends AnyFunction, N extends number | undefined = undefined> {
  /**
   * Submits a call and returns at once, also before the actor is there. Arguments and what comes back are as for remote functions. By
   * default an actor runs one call after the other, those of one caller in the order in which it submitted them. Ray: `actor.method.remote`.
   *
   * Throws at the call: SerializationError, ObjectFreedError, SessionClosedError, PendingCallsLimitError.
   */
  remote(...args: RemoteArgs<Parameters<F>>): RemoteReturn<ReturnType<F>, N>;
  /** The same method with these options over its own. TypeError for options that are wrong. */
  options<const O extends MethodOptions>(
    options: O & FitFor<F, O>,
  ): RemoteMethod<F, O extends { numReturns: infer M extends number } ? M : N>;
}

/**
 * What a handle is of: `handle[actorHandle]`. Handles of one actor have the same id. One that was made with `getIfExists` has it once the
 * actor is found: by its first result at the latest, and where it was passed to before that, a moment after it has come.
 */
export const actorHandle: unique symbol = Symbol.for("ray-ts.actorHandle");

/** What each handle has, whatever its actor is. Written out and no interface, so that a handle of something is one of anything. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- see above
export type AnyActor = {
  readonly [actorHandle]: { readonly id: string; readonly className: string };
  /** Gives the handle up now instead of when it is collected. Using it afterwards: ObjectFreedError. */
  [Symbol.dispose](): void;
};

/**
 * An actor, by its methods. Travels in arguments, results and closures; the actor lives as long as anybody has a handle of it. Not a
 * thenable: a method called `then` is not among them. `using` gives the handle up at the end of the block, instead of when it is collected.
 */
export type ActorHandle<T> = {
  readonly [K in MethodKeys<T>]: T[K] extends AnyFunction ? RemoteMethod<T[K]> : never;
} & AnyActor;
