"""OpenID AuthZEN Authorization API 1.0 (https://openid.github.io/authzen/).

`reading` takes its information model apart, `evaluation` and `search` answer, `documents` describes both for OpenAPI,
`metadata` tells where everything is.
"""
