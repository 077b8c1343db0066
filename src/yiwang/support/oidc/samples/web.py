"""网站登录：authlib。"""

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet


class Login:
    """把人带到统一身份认证，再把他带回来。密钥放在配置里，不要写进代码。"""

    def __init__(self, issuer, client_id, client_secret, callback):
        self.session = OAuth2Session(
            client_id, client_secret, scope="openid profile", redirect_uri=callback, code_challenge_method="S256"
        )
        self.about = self.session.request(
            "GET", f"{issuer}/.well-known/openid-configuration", withhold_token=True
        ).json()
        self.client_id = client_id

    def begin(self):
        """返回要跳转的地址；其余三项存进本站的会话，回来时要用。"""
        verifier, nonce = generate_token(64), generate_token(32)
        address, state = self.session.create_authorization_url(
            self.about["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        return address, {"verifier": verifier, "nonce": nonce, "state": state}

    def finish(self, address, kept):
        """address 是对方带回来的完整地址。返回这个人：sub 是代号，其余由授权范围决定。"""
        token = self.session.fetch_token(
            self.about["token_endpoint"],
            authorization_response=address,
            code_verifier=kept["verifier"],
            state=kept["state"],
        )
        keys = KeySet.import_key_set(self.session.request("GET", self.about["jwks_uri"], withhold_token=True).json())
        read = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={"iss": {"values": [self.about["issuer"]]}, "aud": {"values": [self.client_id]}},
            params={"nonce": kept["nonce"], "client_id": self.client_id, "access_token": token["access_token"]},
        )
        claims.validate()
        person = self.session.get(self.about["userinfo_endpoint"]).json()
        if person["sub"] != claims["sub"]:
            raise ValueError("userinfo 不是同一个人")
        return person
