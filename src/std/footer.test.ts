// The foot of a terminal: the bytes that go there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Footer } from "./footer.ts";
import { footerOf } from "./screens.ts";

const [one, two] = [{ name: "one" }, { name: "two" }];
const erased = (rows: number): string => `\r\u001b[${rows}A\u001b[J`;

test("a row is drawn in its place, below what is printed, and leaves a line", () => {
  const footer = new Footer();
  assert.equal(footer.above("before\n"), "before\n");
  assert.equal(footer.show(one, "1/3"), "1/3\n");
  assert.equal(footer.show(one, "2/3"), `${erased(1)}2/3\n`);
  assert.equal(footer.above("a line\nand another\n"), `${erased(1)}a line\nand another\n2/3\n`);
  assert.equal(footer.end(one, "3/3"), `${erased(1)}3/3\n`);
  assert.equal(footer.above("after\n"), "after\n");
});

test("each owner has its own row, in the order in which they came", () => {
  const footer = new Footer();
  for (const owner of [one, two]) footer.join(owner);
  assert.equal(footer.above("line\n"), "line\n");
  assert.equal(footer.show(two, "two 1"), "two 1\n");
  assert.equal(footer.show(one, "one 1"), `${erased(1)}one 1\ntwo 1\n`);
  footer.join(one);
  assert.equal(footer.show(one, "one 2"), `${erased(2)}one 2\ntwo 1\n`);
  assert.equal(footer.above("line\n"), `${erased(2)}line\none 2\ntwo 1\n`);
  assert.equal(footer.end(one, "one 3"), `${erased(2)}one 3\ntwo 1\n`);
  assert.equal(footer.end(two, "two 2"), `${erased(1)}two 2\n`);
});

test("a row is cut to the width, with a column to spare, and is one row; so is the line that it leaves", () => {
  const footer = new Footer();
  assert.equal(footer.show(one, "1234", { columns: 5 }), "1234\n");
  assert.equal(footer.show(one, "12345", { columns: 5 }), `${erased(1)}1234\n`);
  assert.equal(footer.show(one, "a\r\nb", { columns: 5 }), `${erased(1)}a b\n`);
  assert.equal(footer.show(one, "\u001b[31m123456\u001b[39m", { columns: 5 }), `${erased(1)}1234\n`);
  assert.equal(footer.show(one, "123456", { columns: 0, rows: 0 }), `${erased(1)}123456\n`);
  assert.equal(footer.end(one, "1\n23456", { columns: 5 }), `${erased(1)}1 23\n`);
});

test("no more rows are drawn than the terminal has, with one to spare", () => {
  const footer = new Footer();
  footer.show(one, "one", { rows: 2 });
  assert.equal(footer.show(two, "two", { rows: 2 }), `${erased(1)}one\n`);
  assert.equal(footer.end(one, "last"), `${erased(1)}last\ntwo\n`);
});

test("rows below which somebody has printed begin anew, so that nothing of his is erased", () => {
  let written = 0;
  const write = (text: string): string => {
    written += text.length;
    return text;
  };
  const footer = new Footer(() => written);
  write(footer.show(one, "one"));
  assert.equal(write(footer.show(two, "two")), `${erased(1)}one\ntwo\n`);
  write("his own\n");
  assert.equal(write(footer.show(one, "one")), "one\ntwo\n");
  assert.equal(write(footer.show(one, "one")), `${erased(2)}one\ntwo\n`);
  write("his own\n");
  assert.equal(write(footer.end(one, "one")), "one\ntwo\n");
});

test("rows are lifted for who writes by himself, once", () => {
  const footer = new Footer();
  assert.equal(footer.lift(), "");
  footer.show(one, "one");
  assert.equal(footer.lift(), erased(1));
  assert.equal(footer.lift(), "");
  assert.equal(footer.show(one, "one"), "one\n");
});

test("a program has one terminal, and any other stream is one of its own", () => {
  assert.equal(footerOf(process.stdout), footerOf(process.stderr));
  assert.equal(footerOf(one), footerOf(one));
  assert.notEqual(footerOf(one), footerOf(two));
});
