// The package as it is published: its files, its types, and what the README shows.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import * as heijunka from "heijunka";
import * as byHand from "heijunka/init";

const here = dirname(fileURLToPath(import.meta.url));
const home = join(here, "node_modules/heijunka");
const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const tools = process.env.HEIJUNKA_TOOLS;

test("the package holds what it names, and nothing that isn't its own", () => {
  const files = readdirSync(home);
  for (const file of ["README.md", "LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "heijunka.wasm", "whatif.wasm"]) assert.ok(files.includes(file), file);
  const named = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(named));
  for (const path of [manifest.types, ...named(manifest.exports), ...manifest.sideEffects]) assert.ok(existsSync(join(home, path)), path);
  assert.equal(manifest.dependencies, undefined);
  for (const file of files.filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(join(home, file), "utf8");
    for (const [, from] of text.matchAll(/from "([^"]+)"/g)) {
      const own = from.startsWith("./") && existsSync(join(home, from));
      assert.ok(own || (from.startsWith("node:") && /node\.js$/.test(file)), `${file} imports ${from}`);
    }
  }
  for (const file of ["heijunka.wasm", "whatif.wasm"]) {
    const wasm = readFileSync(join(home, file), "latin1");
    for (const path of ["/home/", "/root/", ".cargo", "rustc"]) assert.ok(!wasm.includes(path), `${path} is in ${file}`);
  }
});

test("the version is everywhere the same", () => {
  assert.match(manifest.version, /^\d+\.\d+\.\d+/);
  assert.equal(heijunka.version, manifest.version);
  assert.equal(process.env.HEIJUNKA_VERSION ?? manifest.version, manifest.version);
});

test("what is loaded by hand is the same", async () => {
  const names = Object.keys(heijunka);
  assert.deepEqual(
    Object.keys(byHand).filter((name) => !names.includes(name)),
    ["init", "initSync"],
  );
  // Loaded already; another time does nothing.
  heijunka.simulate({}, { profile: "steady", duration_us: 1_000_000 });
  byHand.initSync(new Uint8Array(), { whatIf: new Uint8Array() });
  await byHand.init(new Uint8Array(), { whatIf: new Uint8Array() });
  assert.equal(byHand.Engine, heijunka.Engine);
});

test("the engine without simulations is the same, and loads no module of theirs", async () => {
  const engineOnly = await import("heijunka/engine");
  const more = ["POLICY_NAMES", "PROFILES", "simulate", "simulateAsync"];
  assert.deepEqual([...Object.keys(engineOnly), ...more].sort(), Object.keys(heijunka).sort());
  assert.equal(engineOnly.Engine, heijunka.Engine);
  const script = 'import { Engine } from "heijunka/engine"; console.log(new Engine().admit(0, "payment").reason)';
  assert.equal(run(script), "accepted");
});

test("what isn't loaded says how", () => {
  const tried = (what) => `try { ${what} } catch (error) { console.log(error.message) }`;
  const engine = run(`import { Engine } from "heijunka/init"; ${tried("new Engine()")}`);
  assert.match(engine, /`await init\(…\)` of `heijunka\/init`/);
  const whatIf = run(`
    import { readFileSync } from "node:fs";
    import { initSync, simulate } from "heijunka/init";
    initSync(readFileSync("node_modules/heijunka/heijunka.wasm"));
    ${tried('simulate({}, { profile: "steady" })')}
  `);
  assert.match(whatIf, /hand `whatIf` to `init\(…\)`/);
});

/** What a program prints. */
function run(script) {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: here, encoding: "utf8" }).trim();
}

test("a program ends by itself, however its simulations did", () => {
  const script = `
    import { simulateAsync } from "heijunka";
    await simulateAsync({}, { profile: "steady", duration_us: 1_000_000 });
    const controller = new AbortController();
    const endless = simulateAsync({}, { profile: "steady", duration_us: 86_400_000_000 }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await endless.catch((error) => console.log(error.name));
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: here, encoding: "utf8", timeout: 20_000 });
  assert.equal(said.trim(), "AbortError");
});

test("the READMEs' programs run", () => {
  const readmes = [join(home, "README.md"), join(process.env.HEIJUNKA_VECTORS, "../../README.md")];
  const read = (path) => [...readFileSync(path, "utf8").matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code);
  const programs = readmes.flatMap(read);
  assert.ok(programs.length >= 3);
  for (const program of programs) {
    // Node has no files of a server to load.
    const code = program
      .replace(/"\/assets\/(\w+\.wasm)"/g, "(await import('node:fs')).readFileSync('node_modules/heijunka/$1')")
      .replace("/assets/heijunka/worker.js", "unused");
    execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: here, encoding: "utf8" });
  }
});

test("the types are those of what is answered", () => {
  // Literals are checked for members that are missing and for members that are too many.
  const engine = new heijunka.Engine({ balancer: { affinity_groups: { vip: "payment" } } });
  const answers = {
    Admission: engine.admit(0, "payment"),
    Route: engine.route(0, "payment", "k"),
    Checkout: engine.checkout(0, "payment"),
    Checkin: engine.checkin(1, engine.checkout(0, "payment").worker),
    Dispatch: engine.dispatch(1, "payment", "k"),
    Completion: engine.complete(2, engine.dispatch(1, "payment", "k").ticket),
    Scaling: engine.scaleUp(2, "payment"),
    Rebalance: engine.rebalance(2),
    "Effect[]": engine.step(40_000_000),
    Health: engine.healthCheck("payment"),
    RegulatorStatus: engine.regulatorStatus(),
    CapacityInfo: engine.capacityInfo(),
    PoolStatus: engine.poolStatus("payment"),
    "PoolWorker[]": engine.poolWorkers("payment"),
    BalanceStatus: engine.balanceStatus(),
    BurstStatus: engine.burstStatus(),
    SurgeMetrics: engine.surgeMetrics(),
    CostAdvice: engine.costAdvice(),
    EngineStatus: engine.engineStatus(),
    Config: engine.config(),
    ConfigInput: engine.config(),
    SimulationResult: heijunka.simulate({ preset: "adaptive", burst: { scope: "pool" } }, { profile: "spike", runs: 2, policy: { kind: "hpa", target: 0.8 }, crashes_per_worker_hour: 0.5 }),
    "typeof REASONS": heijunka.REASONS,
    "typeof EFFECT_KINDS": heijunka.EFFECT_KINDS,
    "typeof ERROR_CODES": heijunka.ERROR_CODES,
  };
  engine.free();
  assert.ok(answers["Effect[]"].length > 0);
  const names = [...new Set(Object.keys(answers).map((name) => name.replace(/typeof |\[\]/g, "")))];
  const shortened = (_, value) => (Array.isArray(value) && value.length > 3 ? value.slice(0, 3) : value);
  const lines = Object.entries(answers).map(
    ([type, value], index) => `export const answer${index}: ${type} = ${JSON.stringify(value, shortened)};`,
  );
  compile("answers", `import { ${names.join(", ")} } from "heijunka";\n${lines.join("\n")}\n`, ["--verbatimModuleSyntax", "false"]);
});

test("a program in TypeScript compiles, strictly, and runs", () => {
  compile("example", readFileSync(join(here, "example.ts"), "utf8"), ["--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"]);
  const said = execFileSync(process.execPath, [join(here, "compiled/example.js")], { cwd: here, encoding: "utf8" });
  assert.match(said, /^done: \d+ of \d+/m);
});

test("what isn't right doesn't compile", () => {
  const wrong = [
    'engine.admit("0", "payment")',
    'engine.admit(0, "payment", "urgent")',
    "engine.admit(0)",
    "engine.release(0, null)",
    'engine.route(0, "payment", 7)',
    'engine.poolStatus("payment").queueLength',
    'engine.admit(0, "payment").retry_after_us',
    "new Engine(7)",
    'new Engine({ scaler: { mode: "fast" } })',
    'simulate({}, { profile: "stedy" })',
    'simulate({}, { domains: { a: { arrivals: { process: "poisson" }, service: { distribution: "exponential", mean_us: 1 } } } })',
    'simulate({}, { trace: new Blob([]) })',
    "simulateAsync({}, {}, { signal: 1 })",
  ];
  const lines = wrong.map((call) => `// @ts-expect-error\n${call};`);
  compile("wrong", `import { Engine, simulate, simulateAsync } from "heijunka";\nconst engine = new Engine();\n${lines.join("\n")}\n`);
});

/** Compiles a program against the package's types, which are checked as well. */
function compile(name, text, more = []) {
  const folder = join(here, "compiled");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, text);
  const tsc = join(dirname(createRequire(`${tools}/`).resolve("typescript/package.json")), "bin/tsc");
  const options = ["--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", "nodenext", "--types", "", ...more];
  try {
    execFileSync(process.execPath, [tsc, ...options, file], { cwd: here, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    assert.fail(`${name}.ts:\n${error.stdout}`);
  }
}
