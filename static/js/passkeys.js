// Passkeys: a form with data-passkey="create|get" and data-options asks the device, then sends its answer.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: bytes(item.id) }));

async function create(options) {
  const made = await navigator.credentials.create({ publicKey: { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: withBytes(options.excludeCredentials) } });
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: { attestationObject: text(made.response.attestationObject), clientDataJSON: text(made.response.clientDataJSON), transports: made.response.getTransports?.() ?? null },
    extensions: JSON.stringify(made.getClientExtensionResults()),
  };
}

async function get(options) {
  const made = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) } });
  const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: { authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature), userHandle: userHandle ? text(userHandle) : null },
    assertionClientExtensions: JSON.stringify(made.getClientExtensionResults()),
  };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const start = form.querySelector("[data-passkey-start]");
  start.addEventListener("click", async () => {
    const problem = form.querySelector("[data-problem]");
    problem.hidden = true;
    start.disabled = true;
    try {
      const answer = await (form.dataset.passkey === "create" ? create : get)(JSON.parse(form.dataset.options));
      form.elements.credential.value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      problem.hidden = false;
      start.disabled = false;
    }
  });
}
