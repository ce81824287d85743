// The global names of a fresh process, of all supported versions of Node: any other global was made by the program.

/** Those that other things are found through first. */
export const nodeGlobals: readonly string[] = [
  "Object", "Function", "Array", "Error", "Map", "Set", "Promise", "Symbol", "Reflect", "JSON", "Math",
  "AbortController", "AbortSignal", "AggregateError", "ArrayBuffer", "AsyncDisposableStack", "Atomics", "BigInt",
  "BigInt64Array", "BigUint64Array", "Blob", "Boolean", "BroadcastChannel", "Buffer", "ByteLengthQueuingStrategy",
  "CloseEvent", "CompressionStream", "CountQueuingStrategy", "Crypto", "CryptoKey", "CustomEvent", "DOMException",
  "DataView", "Date", "DecompressionStream", "DisposableStack", "ErrorEvent", "EvalError", "Event", "EventTarget",
  "File", "FinalizationRegistry", "Float16Array", "Float32Array", "Float64Array", "FormData", "Headers", "Infinity",
  "Int16Array", "Int32Array", "Int8Array", "Intl", "Iterator", "MessageChannel", "MessageEvent", "MessagePort",
  "NaN", "Navigator", "Number", "Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure",
  "PerformanceObserver", "PerformanceObserverEntryList", "PerformanceResourceTiming", "Proxy", "QuotaExceededError",
  "RangeError", "ReadableByteStreamController", "ReadableStream", "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest", "ReadableStreamDefaultController", "ReadableStreamDefaultReader", "ReferenceError",
  "RegExp", "Request", "Response", "SharedArrayBuffer", "Storage", "String", "SubtleCrypto", "SuppressedError",
  "SyntaxError", "Temporal", "TextDecoder", "TextDecoderStream", "TextEncoder", "TextEncoderStream",
  "TransformStream", "TransformStreamDefaultController", "TypeError", "URIError", "URL", "URLPattern",
  "URLSearchParams", "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef",
  "WeakSet", "WebAssembly", "WebSocket", "WritableStream", "WritableStreamDefaultController",
  "WritableStreamDefaultWriter", "atob", "btoa", "clearImmediate", "clearInterval", "clearTimeout", "console",
  "crypto", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "eval", "fetch",
  "global", "globalThis", "isFinite", "isNaN", "localStorage", "navigator", "parseFloat", "parseInt", "performance",
  "process", "queueMicrotask", "sessionStorage", "setImmediate", "setInterval", "setTimeout", "structuredClone",
  "undefined", "unescape",
];

const names: ReadonlySet<string> = new Set(nodeGlobals);

export function isNodeGlobal(name: string): boolean {
  return names.has(name);
}
