// The policy editor: numbers of lines, and a check of the text by the server whenever one stops typing. Without it the
// page has a button that checks.
const PAUSE = 400; // milliseconds without a key

const form = document.getElementById("policy_form");
const text = document.getElementById("id_document");
const gutter = form.querySelector(".pol-gutter");
const result = document.getElementById("policy-check");
let waiting;
let asking;

const numberLines = () => {
  const wanted = text.value.split("\n").length;
  while (gutter.childElementCount > wanted) gutter.lastElementChild.remove();
  while (gutter.childElementCount < wanted) {
    const line = document.createElement("li");
    line.textContent = gutter.childElementCount + 1;
    gutter.append(line);
  }
  gutter.scrollTop = text.scrollTop;
};

const markLines = () => {
  const flawed = new Set([...result.querySelectorAll("[data-line]")].map((link) => Number(link.dataset.line)));
  [...gutter.children].forEach((line, index) => line.classList.toggle("pol-flawed", flawed.has(index + 1)));
};

const check = async () => {
  asking?.abort();
  asking = new AbortController();
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("document", text.value);
  body.set("policy", form.dataset.policy ?? "");
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body, signal: asking.signal, redirect: "error" });
    if (!answer.ok) return;
    result.innerHTML = await answer.text(); // a page of ours, escaped where it was made
    markLines();
  } catch (error) {
    if (error.name !== "AbortError") console.info("The text was not checked.");
  }
};

const goToLine = (number) => {
  const lines = text.value.split("\n");
  const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
  const height = Number.parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (number - 4) * height);
};

text.addEventListener("input", () => {
  numberLines();
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
});
text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
result.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  goToLine(Number(link.dataset.line));
});
gutter.hidden = false;
numberLines();
markLines();
