// Every file of the corpus, and the runner itself.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { canonical } from "./canonical.js";
import { parse, parseJson, toJson } from "./read.js";
import { run, verify } from "./run.js";

const folder = process.env.HEIJUNKA_VECTORS;
const files = readdirSync(folder).filter((name) => name !== "README.md");

for (const file of files.sort()) {
  test(`the corpus: ${file}`, async () => {
    const { failures, calls } = await verify(parse(readFileSync(join(folder, file), "utf8")), file);
    assert.deepEqual(failures, []);
    assert.ok(calls > 0);
  });
}

test("the corpus is there", () => assert.ok(files.length > 80));

test("canonical bytes are those of the description", () => {
  const value = parseJson('{"b": [null, true, 12, -1], "a": {"é": 1.0}}');
  assert.equal(canonical(value), "{s1:a{s2:éf3ff0000000000000}s1:b[nti12;i-1;]}");
  assert.equal(canonical(parseJson("[-0.0, 0.0, 0, 18446744073709551615]")), "[f8000000000000000f0000000000000000i0;i18446744073709551615;]");
  // By their bytes: U+FF61 comes before U+10002, and in UTF-16 after it.
  assert.equal(canonical({ "\u{10002}": null, "\uff61": null }), "{s3:｡ns4:𐀂n}");
  for (const text of ["1e5", "1.0", "-0.0", "[1,2.5]", '{"a":"\\u0001"}']) {
    assert.equal(canonical(parseJson(toJson(parseJson(text)))), canonical(parseJson(text)));
  }
});

test("a damaged sequence is refused", async () => {
  const good = {
    name: "x",
    about: "",
    origin: "hand",
    start_us: 0,
    steps: [{ op: "admit", now_us: 0, domain: "payment", expect: { admitted: true } }],
    digest: "",
  };
  const text = JSON.stringify(good);
  assert.equal((await run(parse(text))).failures.length, 0);
  for (const [from, to] of [
    ['"about"', '"abuot"'],
    ['"hand"', '"made up"'],
    ['"admit"', '"admitt"'],
    ['"now_us":0', '"now_us":0.5'],
    ['"now_us":0', '"now_us":-1'],
    ['"domain":"payment"', '"domain":-1'],
    ['"start_us":0', '"start_us":"0"'],
    ['"steps":[', '"steps":[],"stops":['],
    ['"digest":""', '"digest":"0"'],
    ['"name":"x"', '"name":"x","name":"x"'],
    ['"op"', '"times":0,"op"'],
    ['"op"', '"every_us":1,"op"'],
    ['"op"', '"as":"a b","op"'],
    ["{", ""],
    ["}]", "}"],
  ]) {
    assert.ok(text.includes(from));
    assert.throws(() => parse(text.replace(from, to)), Error, `${from} → ${to}`);
  }
  for (const expect of [{ admitted: false }, { load: 1.5 }, { nothing: null }, { reason: "$a.b" }]) {
    const sequence = parse(JSON.stringify({ ...good, steps: [{ ...good.steps[0], expect }] }));
    const ran = await run(sequence).catch((error) => ({ failures: [error.message] }));
    assert.equal(ran.failures.length, 1, JSON.stringify(expect));
  }
  // 1 and 1.0 are not the same.
  const float = parse(text.replace('{"admitted":true}', '{"load":1.0}'));
  assert.equal((await run(float)).failures.length, 1);
  assert.deepEqual((await verify(parse(text), "y.json")).failures.length, 2);
  const error = parse(text.replace('"payment","expect":{"admitted":true}', '"nobody"'));
  assert.equal((await run(error)).failures.length, 1);
});
