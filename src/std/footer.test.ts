// The foot of a terminal: the bytes that go there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Footer } from "./footer.ts";
import { footerOf } from "./screens.ts";

const [one, two] = [{ name: "one" }, { name: "two" }];

test("a row is drawn in its place, below what is printed, and leaves a line", () => {
  const footer = new Footer();
  assert.equal(footer.above("before\n"), "before\n");
  assert.equal(footer.show(one, "1/3"), "1/3");
  assert.equal(footer.show(one, "2/3"), "\r\u001b[K2/3");
  assert.equal(footer.above("a line\nand another\n"), "\r\u001b[Ka line\nand another\n2/3");
  assert.equal(footer.end(one, "3/3"), "\r\u001b[K3/3\n");
  assert.equal(footer.above("after\n"), "after\n");
});

test("each owner has its own row, in the order in which they came", () => {
  const footer = new Footer();
  assert.equal(footer.show(one, "one 1"), "one 1");
  assert.equal(footer.show(two, "two 1"), "\r\u001b[Kone 1\ntwo 1");
  assert.equal(footer.show(one, "one 2"), "\r\u001b[1A\u001b[Jone 2\ntwo 1");
  assert.equal(footer.above("line\n"), "\r\u001b[1A\u001b[Jline\none 2\ntwo 1");
  assert.equal(footer.end(one, "one 3"), "\r\u001b[1A\u001b[Jone 3\ntwo 1");
  assert.equal(footer.end(two, "two 2"), "\r\u001b[Ktwo 2\n");
});

test("a row is cut to the width, with a column to spare, and is one row", () => {
  const footer = new Footer();
  assert.equal(footer.show(one, "1234", { columns: 5 }), "1234");
  assert.equal(footer.show(one, "12345", { columns: 5 }), "\r\u001b[K1234");
  assert.equal(footer.show(one, "a\r\nb", { columns: 5 }), "\r\u001b[Ka b");
  assert.equal(footer.show(one, "\u001b[31m123456\u001b[39m", { columns: 5 }), "\r\u001b[K1234");
  assert.equal(footer.show(one, "123456", { columns: 0, rows: 0 }), "\r\u001b[K123456");
  assert.equal(footer.end(one, "123456"), "\r\u001b[K123456\n");
});

test("no more rows are drawn than the terminal has, with one to spare", () => {
  const footer = new Footer();
  footer.show(one, "one", { rows: 2 });
  assert.equal(footer.show(two, "two", { rows: 2 }), "\r\u001b[Kone");
  assert.equal(footer.end(one, "last"), "\r\u001b[Klast\ntwo");
});

test("rows behind which somebody has printed begin anew, so that nothing of his is erased", () => {
  let written = 0;
  const write = (text: string): string => {
    written += text.length;
    return text;
  };
  const footer = new Footer(() => written);
  write(footer.show(one, "one"));
  assert.equal(write(footer.show(two, "two")), "\r\u001b[Kone\ntwo");
  write("his own\n");
  assert.equal(write(footer.show(one, "one")), "one\ntwo");
  assert.equal(write(footer.show(one, "one")), "\r\u001b[1A\u001b[Jone\ntwo");
  write("his own\n");
  assert.equal(write(footer.end(one, "one")), "one\ntwo");
});

test("rows are lifted for who writes by himself, once", () => {
  const footer = new Footer();
  assert.equal(footer.lift(), "");
  footer.show(one, "one");
  assert.equal(footer.lift(), "\r\u001b[K");
  assert.equal(footer.lift(), "");
  assert.equal(footer.show(one, "one"), "one");
});

test("a program has one terminal, and any other stream is one of its own", () => {
  assert.equal(footerOf(process.stdout), footerOf(process.stderr));
  assert.equal(footerOf(one), footerOf(one));
  assert.notEqual(footerOf(one), footerOf(two));
});
