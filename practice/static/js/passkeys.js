// Asks the browser for a passkey, and sends what it answers with the form. Nothing else can do it: without this file the
// page says so, and leads to the other ways. The words are the page's.
const form = document.querySelector("form[data-passkey]");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (those) => (those ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function make(asked) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: withBytes(asked.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = made.response;
  return answerOf(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
}

async function use(asked) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: withBytes(asked.allowCredentials),
  };
  const used = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return answerOf(used, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  });
}

function answerOf(credential, response) {
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

if (form && window.PublicKeyCredential) {
  const said = form.querySelector("[data-passkey-said]");
  form.querySelector("[data-passkey-needs]").hidden = true;
  form.querySelector("button").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const asked = JSON.parse(form.dataset.options);
      form.elements.answer.value = await (form.dataset.passkey === "make" ? make : use)(asked);
    } catch (refused) {
      const { passkeyKnown, passkeyNothing } = form.dataset;
      said.textContent = refused.name === "InvalidStateError" && passkeyKnown ? passkeyKnown : passkeyNothing;
      return;
    }
    form.submit();
  });
}
