// Forms that need a passkey: <form data-passkey="create" data-options="/where/to/ask"> fetches what to ask the
// authenticator with, and sends what it made in the field `credential`. Without this script, or in a browser that
// has no passkeys, such a form stays hidden.

const CEREMONIES = {
  create: (options) =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    }),
  get: (options) =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    }),
};

const supported = typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === "function";

async function fetchOptions(form) {
  const token = form.elements.namedItem("csrfmiddlewaretoken").value;
  const response = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    redirect: "follow",
  });
  if (response.redirected) {
    window.location.assign(response.url); // a fresh proof is wanted first
    return null;
  }
  if (!response.ok) {
    throw new Error(`${response.status}`);
  }
  return response.json();
}

async function submitWithPasskey(form) {
  const options = await fetchOptions(form);
  if (options === null) {
    return;
  }
  const credential = await CEREMONIES[form.dataset.passkey](options);
  form.elements.namedItem("credential").value = JSON.stringify(credential.toJSON());
  form.submit(); // without the submit event: this does not come back here
}

function tell(form, shown) {
  form.querySelector("[role=alert]").hidden = !shown;
}

for (const form of supported ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(form, false);
    submitWithPasskey(form).catch(() => tell(form, true));
  });
}
