import * as client from "openid-client";

// 密钥放在环境变量里，不要写进代码。
const config = await client.discovery(new URL("ISSUER"), process.env.CLIENT_ID, process.env.CLIENT_SECRET);

// 第一步：跳转到 begin() 给出的地址，把 kept 存进本站的会话。
export async function begin(callback) {
  const kept = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedNonce: client.randomNonce(),
    expectedState: client.randomState(),
  };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: "openid profile",
    code_challenge: await client.calculatePKCECodeChallenge(kept.pkceCodeVerifier),
    code_challenge_method: "S256",
    nonce: kept.expectedNonce,
    state: kept.expectedState,
  });
  return { address: address.href, kept };
}

// 第二步：对方带着 code 回到 callback，address 是完整地址。
export async function finish(address, kept) {
  const tokens = await client.authorizationCodeGrant(config, new URL(address), { ...kept, idTokenExpected: true });
  return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
}
