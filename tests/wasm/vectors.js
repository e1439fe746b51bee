// The runner's commands: node vectors.js digest|answers FILE…

import { readFileSync } from "node:fs";

import { parse } from "./read.js";
import { run } from "./run.js";

const [command, ...files] = process.argv.slice(2);
if (!["digest", "answers"].includes(command) || files.length === 0) {
  console.error("usage: node vectors.js digest|answers FILE…");
  process.exit(2);
}
const out = [];
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const texts = file.endsWith(".jsonl") ? text.split("\n").filter((line) => line !== "") : [text];
  for (const text of texts) {
    const sequence = parse(text);
    const see = (number, op, answer) => out.push(`${number} ${op} ${answer}`);
    const { digest } = await run(sequence, command === "answers" ? see : undefined);
    if (command === "digest") out.push(`${sequence.name} ${digest}`);
  }
}
if (out.length > 0) process.stdout.write(`${out.join("\n")}\n`);
