// A system that signs people in with npm's openid-client: /start leads to the provider, /callback says what came of it;
// /sample and /sampled do so with the sample of the developers' page.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.argv[2]));
const client = await import(pathToFileURL(require.resolve("openid-client")).href);

const door = createServer(answer);
let config, verifier, nonce, state, sample, kept;

door.listen(0, "127.0.0.1", () => console.log(door.address().port));

const here = () => `http://127.0.0.1:${door.address().port}`;

async function answer(request, response) {
  const asked = new URL(request.url, here());
  try {
    if (asked.pathname === "/start") return await start(asked.searchParams, response);
    if (asked.pathname === "/callback") return await callback(asked, response);
    if (asked.pathname === "/sample") {
      process.env.CLIENT_ID = asked.searchParams.get("id");
      process.env.CLIENT_SECRET = asked.searchParams.get("secret");
      sample = await import(pathToFileURL(process.argv[2]).href);
      const begun = await sample.begin(`${here()}/sampled`);
      kept = begun.kept;
      return response.writeHead(302, { location: begun.address }).end();
    }
    if (asked.pathname === "/sampled") {
      const person = await sample.finish(asked.href, kept);
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(person));
    }
    response.writeHead(404).end();
  } catch (wrong) {
    response.writeHead(500).end(String(wrong.stack) + JSON.stringify(wrong.cause ?? null));
  }
}

async function start(given, response) {
  config = await client.discovery(new URL(given.get("issuer")), given.get("id"), given.get("secret"), undefined, {
    execute: [client.allowInsecureRequests],
  });
  verifier = client.randomPKCECodeVerifier();
  nonce = client.randomNonce();
  state = client.randomState();
  const there = client.buildAuthorizationUrl(config, {
    redirect_uri: `${here()}/callback`,
    scope: "openid profile",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    nonce,
    state,
    acr_values: "urn:yiwang:acr:1",
  });
  response.writeHead(302, { location: there.href }).end();
}

async function callback(asked, response) {
  const first = await client.authorizationCodeGrant(config, asked, {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    idTokenExpected: true,
  });
  const claims = first.claims();
  const person = await client.fetchUserInfo(config, first.access_token, claims.sub);
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  const before = await client.tokenIntrospection(config, second.access_token);
  const reused = await client.refreshTokenGrant(config, first.refresh_token).catch((wrong) => wrong.error);
  const after = await client.tokenIntrospection(config, second.access_token);
  const leave = client.buildEndSessionUrl(config, { id_token_hint: second.id_token }).href;
  await client.tokenRevocation(config, second.refresh_token);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ claims, person, before: before.active, reused, after: after.active, leave }));
}
