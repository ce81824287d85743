// What a function's types become when it runs elsewhere: refs for values going in, refs for values coming out.
/// <reference lib="es2018.asyncgenerator" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

/** Whatever can be called. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only constraint that every function satisfies
export type AnyFunction = (...args: any[]) => any;

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

/** What `.remote()` gives for a function that returns R, asked for N results: nothing, a ref, or a ref per element. */
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
              ? RefTuple<T>
              : ObjectRef<unknown>[];
