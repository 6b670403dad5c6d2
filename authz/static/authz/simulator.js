// Names for the simulator while one types; without it the page asks which one is meant after one has sent it.
const PAUSE = 250; // milliseconds without a key
const form = document.getElementById("simulator");
let waiting;
let asking;

const suggest = async (box) => {
  asking?.abort();
  asking = new AbortController();
  const question = new URLSearchParams({ q: box.value });
  try {
    const answer = await fetch(`${form.dataset.suggest}?${question}`, { signal: asking.signal, redirect: "error" });
    if (answer.ok) box.list.innerHTML = await answer.text(); // a page of ours, escaped where it was made
  } catch (error) {
    if (error.name !== "AbortError") console.info("Nobody was looked for.");
  }
};

for (const box of form.querySelectorAll("[data-suggest]")) {
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    if (!box.value.includes(":")) waiting = setTimeout(suggest, PAUSE, box);
  });
}
