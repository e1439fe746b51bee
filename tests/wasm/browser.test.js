// The package in Chromium: without a bundler, with one, and every file of the corpus.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize, sep } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { simulate, version } from "heijunka";

const here = dirname(fileURLToPath(import.meta.url));
const corpus = process.env.HEIJUNKA_VECTORS;
const tools = process.env.HEIJUNKA_TOOLS;
const { chromium } = createRequire(`${tools}/`)("playwright-core");

const CHROMIUM = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const executablePath = process.env.HEIJUNKA_CHROMIUM ?? CHROMIUM.find((path) => existsSync(path));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

const files = readdirSync(corpus).filter((name) => name.endsWith(".json"));

let browser;
let server;
let origin;
let typeOfWasm = TYPES[".wasm"];

before(async () => {
  server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const [from, rest] = path.startsWith(`${sep}corpus${sep}`) ? [corpus, path.slice(7)] : [here, path];
    const type = extname(path) === ".wasm" ? typeOfWasm : TYPES[extname(path)];
    try {
      const body = readFileSync(join(from, rest));
      response.writeHead(200, type === undefined ? {} : { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  // A container has no sandbox to give.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page, and checks that it had nothing to complain of. */
async function onPage(path, use) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await page.goto(`${origin}${path}`);
    const answer = await use(page);
    assert.deepEqual(complaints, []);
    return answer;
  } finally {
    await page.close();
  }
}

test("the corpus in Chromium", async (context) => {
  const found = await onPage("/page.html", (page) =>
    page.evaluate(async (names) => {
      const [{ parse }, { verify }] = await Promise.all([import("./read.js"), import("./run.js")]);
      const found = [];
      for (const name of names) {
        const text = await (await fetch(`/corpus/${name}`)).text();
        found.push(await verify(parse(text), name).catch((error) => ({ failures: [String(error)], calls: 0 })));
      }
      return found;
    }, files),
  );
  assert.equal(found.length, files.length);
  for (const [index, { failures, calls }] of found.entries()) {
    await context.test(`the corpus in Chromium: ${files[index]}`, () => {
      assert.deepEqual(failures, []);
      assert.ok(calls > 0);
    });
  }
});

test("simulations run in Web Workers, with progress and cancel", async () => {
  const said = await onPage("/page.html", (page) =>
    page.evaluate(async () => {
      const { Engine, simulateAsync } = await import("heijunka");
      let frames = 0;
      const timer = setInterval(() => (frames += 1), 5);
      const told = [];
      const workload = { profile: "bursty" };
      const [first, second, day] = await Promise.all([
        simulateAsync({}, workload, { seed: 3 }),
        simulateAsync({ preset: "adaptive" }, workload, { seed: 3 }),
        simulateAsync({}, { profile: "steady", duration_us: 20_000_000_000 }, { onProgress: ({ share }) => told.push(share) }),
      ]);
      clearInterval(timer);
      const controller = new AbortController();
      const endless = simulateAsync({}, { profile: "steady", duration_us: 366 * 86_400_000_000 }, { signal: controller.signal });
      setTimeout(() => controller.abort(), 100);
      const cancelled = await endless.catch((error) => error.name);
      const text = `arrival_us,domain\n${Array.from({ length: 10_000 }, (_, index) => `${index * 1000},web`).join("\n")}\n`;
      const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
      const file = new File([packed], "trace.csv.gz");
      const read = await simulateAsync({}, { trace: file });
      const wrong = await simulateAsync({}, { profile: "x" }).catch((error) => [error.name, error.code, error.problems.length]);
      const engine = new Engine();
      engine.free();
      return {
        first: JSON.stringify(first),
        second: JSON.stringify(second),
        day: day.summary.requests,
        frames,
        rising: told.length > 3 && told.every((share, index) => share >= (told[index - 1] ?? 0)),
        cancelled,
        rows: read.trace.rows,
        wrong,
      };
    }),
  );
  const workload = { profile: "bursty" };
  assert.equal(said.first, JSON.stringify(simulate({}, workload, 3)));
  assert.equal(said.second, JSON.stringify(simulate({ preset: "adaptive" }, workload, 3)));
  assert.ok(said.day > 100_000 && said.frames > 5 && said.rising, JSON.stringify(said).slice(-300));
  assert.deepEqual([said.cancelled, said.rows, said.wrong], ["AbortError", 10_000, ["HeijunkaError", -10, 1]]);
});

test("a server that doesn't know wasm files is no hindrance", async () => {
  typeOfWasm = "application/octet-stream";
  try {
    const loaded = await onPage("/page.html", (page) => page.evaluate(async () => (await import("heijunka")).version));
    assert.equal(loaded, version);
  } finally {
    typeOfWasm = TYPES[".wasm"];
  }
});

test("the engine alone loads nothing of simulations", async () => {
  const loaded = await onPage("/page.html", (page) =>
    page.evaluate(async () => {
      const { Engine } = await import("heijunka/engine");
      const { reason } = new Engine().admit(0, "payment");
      const files = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname.split("/").at(-1));
      return [reason, files.filter((file) => file.endsWith(".wasm"))];
    }),
  );
  assert.deepEqual(loaded, ["accepted", ["heijunka.wasm"]]);
});

test("loaded by hand, with a worker of one's own", async () => {
  const requests = await onPage("/page.html", (page) =>
    page.evaluate(async () => {
      const { init, simulateAsync } = await import("heijunka/init");
      let made = 0;
      const worker = () => {
        made += 1;
        return new Worker("/node_modules/heijunka/worker.js", { type: "module" });
      };
      await init("/node_modules/heijunka/heijunka.wasm", { whatIf: "/node_modules/heijunka/whatif.wasm", worker });
      const { summary } = await simulateAsync({}, { profile: "steady", duration_us: 1_000_000 });
      return [made, summary.requests > 0];
    }),
  );
  assert.deepEqual(requests, [1, true]);
});

test("a worker's script that isn't there is told", async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/page.html`);
  const error = await page.evaluate(async () => {
    const { init, simulateAsync } = await import("heijunka/init");
    const worker = () => new Worker("/nowhere.js", { type: "module" });
    await init("/node_modules/heijunka/heijunka.wasm", { whatIf: "/node_modules/heijunka/whatif.wasm", worker });
    return simulateAsync({}, { profile: "steady" }).catch((error) => `${error.reason}: ${error.message}`);
  });
  await page.close();
  assert.match(error, /^internal: .*its script can't be loaded/);
});

test("a bundle of Vite finds the wasm file and the worker by itself", async () => {
  const vite = join(tools, "node_modules/vite/bin/vite.js");
  const options = ["build", "app", "--base", "./", "--outDir", "../dist", "--emptyOutDir", "--logLevel", "warn"];
  const printed = execFileSync(process.execPath, [vite, ...options], { cwd: here, encoding: "utf8", stdio: "pipe" });
  assert.equal(printed.trim(), "");
  const said = await onPage("/dist/index.html", async (page) => {
    await page.waitForFunction(() => document.body?.dataset.said !== undefined, null, { timeout: 20_000 });
    return JSON.parse(await page.evaluate(() => document.body.dataset.said));
  });
  assert.deepEqual({ ...said, told: said.told > 0 }, { version, reason: "worker_idle", same: true, told: true });
});
