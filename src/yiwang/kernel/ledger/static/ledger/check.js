// Checks a ledger proof (RFC 6962 inclusion in a signed checkpoint) with WebCrypto. Knows no page.
const text = new TextEncoder();

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromBase64 = (encoded) => Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

const digest = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);

// RFC 9162, 2.1.3.2.
async function rootOf(leaf, index, size, path) {
  let node = BigInt(index), last = BigInt(size) - 1n, carry = leaf;
  if (node > last) return null;
  for (const step of path) {
    if (last === 0n) return null;
    if (node & 1n || node === last) {
      carry = await digest([1], step, carry);
      while (node && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else carry = await digest([1], carry, step);
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? carry : null;
}

// A checkpoint's note: origin, size, root; then a blank line and signatures.
export function readNote(note) {
  const end = note.indexOf("\n\n");
  const [origin, size, root] = note.slice(0, end).split("\n");
  const signatures = note.slice(end + 2).split("\n").filter((line) => line.startsWith("— "));
  return { signed: note.slice(0, end + 1), origin, size: Number(size), root: fromBase64(root), signatures };
}

// true, false, or null where this browser knows no Ed25519.
export async function isSigned(note, verifier) {
  const [name, id, encoded] = [verifier.split("+")[0], verifier.split("+")[1], verifier.split("+").slice(2).join("+")];
  const { signed, signatures } = readNote(note);
  let key;
  try {
    key = await crypto.subtle.importKey("raw", fromBase64(encoded).slice(1), "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
  for (const line of signatures) {
    const [signer, blob] = [line.slice(2, line.lastIndexOf(" ")), fromBase64(line.slice(line.lastIndexOf(" ") + 1))];
    if (signer === name && toHex(blob.slice(0, 4)) === id) return crypto.subtle.verify("Ed25519", key, blob.slice(4), text.encode(signed));
  }
  return false;
}

// What each step found: true, false, or null where it cannot be done here.
export async function checkProof(proof, expected) {
  const envelope = JSON.parse(proof.leaf_data);
  const steps = { digests: {} };
  if (proof.opening) {
    const commitment = toHex(await digest(fromHex(proof.opening.salt), text.encode(proof.opening.content)));
    steps.content = commitment === envelope.commitment;
    steps.digests.content = commitment;
    const content = JSON.parse(proof.opening.content);
    steps.claims = Object.entries(expected).every(([name, value]) => JSON.stringify(content[name]) === JSON.stringify(value));
  } else steps.content = steps.claims = null;
  const note = readNote(proof.checkpoint.note);
  const leaf = await digest([0], text.encode(proof.leaf_data));
  const root = await rootOf(leaf, proof.index, note.size, proof.path.map(fromHex));
  steps.path = root !== null && same(root, note.root);
  steps.digests.path = root ? toHex(root) : "";
  steps.signature = await isSigned(proof.checkpoint.note, proof.checkpoint.verifier);
  return steps;
}

export const canCheck = (proof) => Boolean(globalThis.crypto?.subtle) && proof.checkpoint.hash === "sha256";
