// Verify a token the way `jose` documents it: the JWKS by its URL, the issuer, the audience and the type.
// Standard input: {"jwks": URL, "issuer": …, "audience": …, "token": …}. Prints the claims, or the code of the error.
import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { jwks, issuer, audience, token } = JSON.parse(readFileSync(0, "utf8"));
try {
  const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks)), {
    issuer,
    audience,
    typ: "at+jwt",
  });
  console.log(JSON.stringify({ payload, protectedHeader }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code }));
}
