// Ships nothing: calls the function where it is. Proves that a case file itself survives a tool, before any codec does.
import { Skip } from "./outcome.mjs";

export const name = "inline";
export const oneProcess = true;
export const open = async () => {};
export const close = async () => {};
export const begin = async () => {};
export const ship = async (fn, args) => fn(...args);
export const later =
  (fn) =>
  (...args) =>
    ship(fn, args);
export const buffersOf = () => {
  throw new Skip("nothing is encoded inline");
};

const unavailable = () => {
  throw new Skip("needs a codec");
};
export const api = {
  remote: (fn) => ({ local: fn, remote: (...args) => ship(fn, args) }),
  get: async (ref) => ref,
  registerSerializer: unavailable,
  explainCapture: unavailable,
  shipByValue: () => {},
};
