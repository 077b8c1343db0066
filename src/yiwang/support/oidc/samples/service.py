"""后台系统：以自己的名义调用接口。"""

import requests


def token(issuer, client_id, client_secret):
    """后台系统以自己的名义取得令牌，十分钟有效；到期重新取。"""
    answer = requests.post(
        f"{issuer}/oidc/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, client_secret),
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["access_token"]


def call(issuer, path, access_token):
    """调用平台接口；能调用哪些，看接口说明和本系统账号的权限。"""
    answer = requests.get(f"{issuer}/api/{path}", headers={"Authorization": f"Bearer {access_token}"}, timeout=10)
    answer.raise_for_status()
    return answer.json()
