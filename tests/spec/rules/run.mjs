// Reads [[tree, facts], …] from standard input; writes the answers of evaluate.js.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { evaluate, spoken } = await import(pathToFileURL(process.argv[2]));
const rows = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(rows.map(([tree, facts]) => spoken(evaluate(tree, facts)))));
