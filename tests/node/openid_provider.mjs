// An OpenID provider in the place of Google: people who say who they are by the address alone.
//
// node openid_provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
// An address is verified unless it begins with `unverified`; the subject is the address before any `+`.
import Provider from "oidc-provider";

const [port, client_id, client_secret, redirect_uri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const claimsOf = (email) => ({
  sub: `sub-${email}`,
  email,
  email_verified: !email.startsWith("unverified"),
  name: `${email[0].toUpperCase()}${email.slice(1).split("@")[0]} Rao`,
});

const provider = new Provider(issuer, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [redirect_uri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, email) => ({ accountId: email, claims: () => claimsOf(email) }),
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ["a key of the tests"] },
  ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
});

const page = (uid) => `<!DOCTYPE html><html lang="en"><title>Provider</title><h1>Provider</h1>
<form method="post" action="/interaction/${uid}">
<label>Address <input name="email" type="email"></label><button name="answer" value="yes">Go on</button>
</form><a href="/interaction/${uid}/abort">Cancel</a></html>`;

const body = async (request) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
};

const grantFor = async (details, accountId) => {
  const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  return grant.save();
};

provider.use(async (ctx, next) => {
  const [, uid, abort] = ctx.path.match(/^\/interaction\/([^/]+)(\/abort)?$/) ?? [];
  if (!uid) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.respond = false;
  if (abort) {
    return provider.interactionFinished(ctx.req, ctx.res, { error: "access_denied" });
  }
  if (ctx.method === "GET") {
    ctx.res.setHeader("Content-Type", "text/html; charset=utf-8");
    return ctx.res.end(page(uid));
  }
  const email = (await body(ctx.req)).get("email");
  const grantId = await grantFor(details, email);
  return provider.interactionFinished(ctx.req, ctx.res, {
    login: { accountId: email, remember: false },
    consent: { grantId },
  });
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
