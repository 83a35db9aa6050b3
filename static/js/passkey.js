// Asks the browser for a passkey and sends its answer with the form that stands on the page. The server says
// what is asked; the browser adds on which site it was, so that no other site can ask for it.
const forms = document.querySelectorAll("form[data-passkey]");

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withBytes(known) {
  return (known ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
}

function asked(act, options) {
  options.challenge = toBytes(options.challenge);
  if (act === "get") {
    options.allowCredentials = withBytes(options.allowCredentials);
  } else {
    options.user.id = toBytes(options.user.id);
    options.excludeCredentials = withBytes(options.excludeCredentials);
  }
  return { publicKey: options };
}

function told(credential) {
  const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) {
      response[part] = toText(credential.response[part]);
    }
  }
  response.transports = credential.response.getTransports?.();
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

const SENTENCES = {
  NotAllowedError: "No passkey was used. Try again, or show something else.",
  InvalidStateError: "This device holds a passkey of yours already.",
};

async function use(form) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/json")) {
    location.reload(); // signed out meanwhile, or too long ago: the page says so itself
    return;
  }
  const act = form.dataset.passkey;
  const credential = await navigator.credentials[act](asked(act, await answer.json()));
  form.elements.credential.value = told(credential);
  form.submit();
}

for (const form of forms) {
  const say = form.querySelector("[data-say]");
  if (!window.PublicKeyCredential) {
    continue;
  }
  form.querySelector("[data-without]").hidden = true;
  form.querySelector("button").hidden = false;
  let busy = false; // what was asked is good for one answer: a second tap would use it up
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    busy = true;
    say.hidden = true;
    use(form).catch((problem) => {
      busy = false;
      say.textContent = SENTENCES[problem.name] ?? "That did not work. Try again, or show something else.";
      say.hidden = false;
    });
  });
}
