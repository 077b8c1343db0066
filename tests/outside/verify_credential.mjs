// Verifies credentials with Digital Bazaar's libraries: [{document, keys}] on standard input, for each `true` or what is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const require = createRequire(pathToFileURL(join(folder, "here.mjs")));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { DataIntegrityProof } = await load("@digitalbazaar/data-integrity");
const { cryptosuite } = await load("@digitalbazaar/eddsa-rdfc-2022-cryptosuite");
const vc = await load("@digitalbazaar/vc");

const found = [];
for (const { document, keys } of JSON.parse(readFileSync(0, "utf8"))) {
  const known = new Map([[keys.id, keys]]);
  for (const method of keys.verificationMethod) {
    known.set(method.id, { "@context": "https://w3id.org/security/multikey/v1", ...method });
  }
  const documentLoader = async (url) =>
    known.has(url)
      ? { contextUrl: null, documentUrl: url, document: known.get(url) }
      : vc.defaultDocumentLoader(url);
  const suite = new DataIntegrityProof({ cryptosuite });
  const result = await vc.verifyCredential({ credential: document, suite, documentLoader });
  found.push(result.verified ? true : String(result.error?.errors?.[0] ?? result.error));
}
console.log(JSON.stringify(found));
